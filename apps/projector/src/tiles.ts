import 'reflect-metadata';
import type pg from 'pg';
import { TileWriter } from '#libs/transparency';
import type { Logger } from '#libs/platform';
import { type RunningService, startBackgroundService } from '#libs/service';
import { TilesModule } from './tiles.module.js';

/** Starts filling the tiles that proofs are read from. Of several processes, one works on a shard at a time. */
export function startTiles({ tilerPool }: { tilerPool: pg.Pool }, log: Logger): Promise<RunningService> {
  const writer = new TileWriter(tilerPool, {
    onError: (error) =>
      log.warn({ err: error }, 'tiles of the trees could not be filled; it will be tried again'),
  });
  return startBackgroundService(TilesModule.of(writer, log), log);
}
