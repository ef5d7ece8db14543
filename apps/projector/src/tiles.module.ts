import { type DynamicModule, Module } from '@nestjs/common';
import type { TileWriter } from '#libs/event-store';
import type { Logger } from '#libs/platform';
import { WORK, Worker, WORKER_LOG, type Work } from '#libs/worker';

/** Fills the tiles of the trees, behind the writers. */
@Module({})
export class TilesModule {
  static of(writer: TileWriter, log: Logger): DynamicModule {
    const work: Work = (signal) => writer.run(signal);
    return {
      module: TilesModule,
      providers: [{ provide: WORK, useValue: work }, { provide: WORKER_LOG, useValue: log }, Worker],
    };
  }
}
