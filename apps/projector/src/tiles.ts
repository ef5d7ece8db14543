import 'reflect-metadata';
import type pg from 'pg';
import { TileWriter } from '#libs/event-store';
import type { Logger } from '#libs/platform';
import { type RunningWorker, startWorker } from '#libs/worker';
import { TilesModule } from './tiles.module.js';

/** Starts filling the tiles that proofs are read from. Of several processes, one works on a shard at a time. */
export function startTiles({ tiling }: { tiling: pg.Pool }, log: Logger): Promise<RunningWorker> {
  const writer = new TileWriter(tiling, {
    onError: (error) =>
      log.warn({ err: error }, 'tiles of the trees could not be filled; it will be tried again'),
  });
  return startWorker(TilesModule.of(writer, log), log);
}
