import { Module } from '@nestjs/common';
import type pg from 'pg';
import { Gauge, Registry } from 'prom-client';
import { EventStore } from '#libs/log';
import {
  BackgroundTask,
  LOGGER,
  type Logger,
  Pools,
  READ_POOL,
  readSigningKey,
  SETTINGS,
  type Settings,
  STOPPING,
} from '#libs/platform';
import { LogModule } from '#modules/log';
import { TILER_POOL_NAME, TileWriter } from './tile-writer.js';
import { Trees } from './trees.js';

/** Injects the private key that signs checkpoints; undefined where the settings name none. */
export const CHECKPOINT_KEY = Symbol('checkpoint key');

/** The trees over the log, and the key that signs their roots. */
@Module({
  imports: [LogModule],
  providers: [
    {
      provide: CHECKPOINT_KEY,
      inject: [SETTINGS],
      useFactory: ({ checkpointKeyFile }: Settings) =>
        checkpointKeyFile === undefined ? undefined : readSigningKey(checkpointKeyFile),
    },
    { provide: Trees, inject: [READ_POOL, EventStore, Registry], useFactory: treesOf },
  ],
  exports: [CHECKPOINT_KEY, Trees],
})
export class TransparencyModule {}

const TILER_CONNECTIONS = 1;
const TILES_TASK = Symbol('tiles task');

/** Fills the tiles that proofs are read from. Of several processes, one works on a shard at a time. */
@Module({
  // The tables of tiles are the log's.
  imports: [LogModule],
  providers: [{ provide: TILES_TASK, inject: [Pools, LOGGER, STOPPING], useFactory: tilerOf }],
})
export class TilesModule {}

function treesOf(pool: pg.Pool, { id }: EventStore, registry: Registry): Trees {
  const trees = new Trees(pool, id);
  new Gauge({
    name: 'claimline_tree_lag_events',
    help: 'Events that are not in a tree yet, so that they have no proof',
    labelNames: ['shard'],
    registers: [registry],
    async collect() {
      for (const [shard, events] of await trees.lag()) this.labels(String(shard)).set(events);
    },
  });
  return trees;
}

function tilerOf(pools: Pools, log: Logger, stopping: AbortController): BackgroundTask {
  const writer = new TileWriter(pools.open(TILER_POOL_NAME, TILER_CONNECTIONS, 0), {
    onError: (error) =>
      log.warn({ err: error }, 'tiles of the trees could not be filled; it will be tried again'),
  });
  return new BackgroundTask((signal) => writer.run(signal), log, stopping);
}
