import { openLog, type EventStore, type Opening, RulesetStore } from '#libs/log';
import { openRegister, type Register } from '#libs/places';
import {
  createLogger,
  type Logger,
  type LogLevel,
  type openExisting,
  type Pools,
  type Settings,
} from '#libs/platform';
import { openPools } from './open-pools.js';

/** The log as a verb uses it. */
export interface OpenedLog {
  store: EventStore;
  register: Register;
  rulesets: RulesetStore;
  /** For further connections. */
  pools: Pools;
  log: Logger;
}

export interface WithLogOptions {
  /** How to treat a database without a store of this version (default: as it is). */
  opening?: Opening;
  /** The least severe level that is logged, to standard error. */
  level?: LogLevel;
  /** Finds the database (default: one that exists). */
  database?: typeof openExisting;
  /** Ends the wait for a connection. */
  signal?: AbortSignal;
}

/** Opens the log for a verb, and closes it and its database afterwards. @throws as `openExisting` and `openLog` */
export async function withLog<T>(
  settings: Settings,
  { opening = 'read', level = 'warn', ...waiting }: WithLogOptions,
  run: (opened: OpenedLog) => Promise<T>,
): Promise<T> {
  const log = createLogger(level, 'stderr');
  const pools = await openPools(settings, log, waiting);
  try {
    const store = await openLog(pools, settings, log, opening);
    const register = await openRegister(store, log);
    return await run({ store, register, rulesets: new RulesetStore(store.pool), pools, log });
  } finally {
    await pools.close();
  }
}
