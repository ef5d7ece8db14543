import { type DynamicModule, Module } from '@nestjs/common';
import type { Feed } from '#libs/feed';
import type { Logger } from '#libs/platform';
import type { Projector } from '#libs/projection';
import { BACKGROUND_TASK, BackgroundService, BACKGROUND_LOGGER, type BackgroundTask } from '#libs/service';

/** Projects the events of the feed into the read models. */
@Module({})
export class ProjectorModule {
  static of(feed: Feed, projector: Projector, log: Logger): DynamicModule {
    const work: BackgroundTask = (signal) => feed.run(projector, signal);
    return {
      module: ProjectorModule,
      providers: [
        { provide: BACKGROUND_TASK, useValue: work },
        { provide: BACKGROUND_LOGGER, useValue: log },
        BackgroundService,
      ],
    };
  }
}
