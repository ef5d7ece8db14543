import { type DynamicModule, Inject, Injectable, Module, type OnApplicationBootstrap } from '@nestjs/common';
import { type Feed, StoreFeed } from '#libs/feed';
import type { EventStore } from '#libs/event-store';
import type { Logger } from '#libs/platform';
import { Projector, type ReadModels } from '#libs/read-models';
import type pg from 'pg';

/** What a projector stands on. */
export interface ProjectorParts {
  store: EventStore;
  models: ReadModels;
  projecting: pg.Pool;
  metrics: { projected(events: number): void };
}

const [FEED, PROJECTOR, LOG] = [Symbol('feed'), Symbol('projector'), Symbol('log')];

/** Carries the events of the feed into the read models for as long as the process runs. */
@Injectable()
export class Projecting implements OnApplicationBootstrap {
  private readonly stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();

  constructor(
    @Inject(FEED) private readonly feed: Feed,
    @Inject(PROJECTOR) private readonly projector: Projector,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.running = this.feed
      .run(this.projector, this.stopping.signal)
      .catch((error: unknown) => this.log.fatal({ err: error }, 'the projector has stopped'));
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }
}

@Module({})
export class ProjectorModule {
  static of({ store, models, projecting, metrics }: ProjectorParts, log: Logger): DynamicModule {
    const projector = new Projector(projecting, store, models.generation, {
      log,
      onApplied: ({ events }) => metrics.projected(events),
    });
    const onError = (error: unknown, shards: readonly number[]) => log.error({ err: error, shards }, 'events could not be projected; they will be tried again');
    const feed = new StoreFeed(projecting, { onError });
    return {
      module: ProjectorModule,
      providers: [{ provide: FEED, useValue: feed }, { provide: PROJECTOR, useValue: projector }, { provide: LOG, useValue: log }, Projecting],
    };
  }
}
