import { type DynamicModule, Inject, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { StoreFeed } from '#libs/feed';
import type { EventStore } from '#libs/event-store';
import type { Logger } from '#libs/platform';
import { Projector, type ReadModels } from '#libs/read-models';
import type pg from 'pg';

/** What a projector stands on. */
export interface ProjectorParts {
  store: EventStore;
  models: ReadModels;
  pools: { project: pg.Pool };
}

const [FEED, PROJECTOR, LOG] = [Symbol('feed'), Symbol('projector'), Symbol('log')];

/** Carries the events of the feed into the read models for as long as the process runs. */
@Injectable()
export class Projecting implements OnApplicationBootstrap {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(FEED) private readonly feed: StoreFeed,
    @Inject(PROJECTOR) private readonly projector: Projector,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.feed
      .run((events) => this.projector.apply(events), this.stopping.signal)
      .catch((error: unknown) => this.log.fatal({ err: error }, 'the projector has stopped'));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }
}

@Module({})
export class ProjectorModule {
  static of({ store, models, pools }: ProjectorParts, databaseUrl: string, log: Logger): DynamicModule {
    const projector = new Projector(pools.project, store, models.generation, log);
    const feed = new StoreFeed(databaseUrl, pools.project, { position: () => models.checkpoints(), log });
    return {
      module: ProjectorModule,
      providers: [{ provide: FEED, useValue: feed }, { provide: PROJECTOR, useValue: projector }, { provide: LOG, useValue: log }, Projecting],
    };
  }
}
