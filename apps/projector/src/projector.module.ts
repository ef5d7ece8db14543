import { type DynamicModule, Module } from '@nestjs/common';
import type { Feed } from '#libs/feed';
import type { Logger } from '#libs/platform';
import type { Projector } from '#libs/read-models';
import { WORK, Worker, WORKER_LOG, type Work } from '#libs/worker';

/** Projects the events of the feed into the read models. */
@Module({})
export class ProjectorModule {
  static of(feed: Feed, projector: Projector, log: Logger): DynamicModule {
    const work: Work = (signal) => feed.run(projector, signal);
    return {
      module: ProjectorModule,
      providers: [{ provide: WORK, useValue: work }, { provide: WORKER_LOG, useValue: log }, Worker],
    };
  }
}
