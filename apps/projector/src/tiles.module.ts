import { type DynamicModule, Module } from '@nestjs/common';
import type { TileWriter } from '#libs/transparency';
import type { Logger } from '#libs/platform';
import { BACKGROUND_TASK, BackgroundService, BACKGROUND_LOGGER, type BackgroundTask } from '#libs/service';

/** Fills the tiles of the trees, behind the writers. */
@Module({})
export class TilesModule {
  static of(writer: TileWriter, log: Logger): DynamicModule {
    const work: BackgroundTask = (signal) => writer.run(signal);
    return {
      module: TilesModule,
      providers: [
        { provide: BACKGROUND_TASK, useValue: work },
        { provide: BACKGROUND_LOGGER, useValue: log },
        BackgroundService,
      ],
    };
  }
}
