import { Module } from '@nestjs/common';
import type pg from 'pg';
import { EventStore } from '#libs/log';
import {
  BackgroundTask,
  LOGGER,
  type Logger,
  Pools,
  SETTINGS,
  type Settings,
  STOPPING,
} from '#libs/platform';
import { LogModule } from '#modules/log';
import { Access } from './access.js';
import { KeyRing } from './key-ring.js';
import { Keys } from './keys.js';
import { isLoopback } from './openness.js';
import { OperatedKeys } from './operated-keys.js';

/** One connection listens; two read, so that one that hangs does not keep the other from it. */
const KEY_CONNECTIONS = 3;
const KEY_TIMEOUT_MS = 5000;

const KEY_POOL = Symbol('key pool');
const KEYS_TASK = Symbol('keys task');

/** Keys and what is open: in every process that listens. */
@Module({
  imports: [LogModule],
  providers: [
    {
      provide: KEY_POOL,
      // The store, because its tables are there when it is open.
      inject: [Pools, EventStore],
      useFactory: (pools: Pools) => pools.open('keys', KEY_CONNECTIONS, KEY_TIMEOUT_MS),
    },
    { provide: Keys, inject: [KEY_POOL], useFactory: (pool: pg.Pool) => new Keys(pool) },
    {
      provide: OperatedKeys,
      inject: [EventStore],
      useFactory: (store: EventStore) => new OperatedKeys(store),
    },
    {
      provide: KeyRing,
      inject: [Keys],
      async useFactory(keys: Keys) {
        const ring = new KeyRing(keys);
        await ring.refresh();
        return ring;
      },
    },
    {
      provide: Access,
      inject: [KeyRing, SETTINGS],
      useFactory: async (ring: KeyRing, { host, open }: Settings) =>
        new Access(ring, open, await isLoopback(host)),
    },
    {
      provide: KEYS_TASK,
      inject: [KeyRing, KEY_POOL, LOGGER, STOPPING],
      useFactory: (ring: KeyRing, pool: pg.Pool, log: Logger, stopping: AbortController) =>
        new BackgroundTask((signal) => ring.follow(pool, signal, warnNowAndThen(log)), log, stopping),
    },
  ],
  exports: [Keys, OperatedKeys, KeyRing, Access],
})
export class AccessModule {}

/** How often it is logged, while it is so. */
const WARN_EVERY_MS = 30_000;

function warnNowAndThen(log: Logger): (error: unknown) => void {
  let warnedAt = -Infinity;
  return (error) => {
    if (performance.now() - warnedAt < WARN_EVERY_MS) return;
    warnedAt = performance.now();
    log.warn({ err: error }, 'keys are not kept up to date at the moment');
  };
}
