import {
  EventStore,
  lookForStore,
  migrate,
  StatementCommands,
  refold,
  Register,
  RulesetStore,
} from '#libs/event-store';
import {
  checkServer,
  connectionError,
  createMetrics,
  createPool,
  type Database,
  type Logger,
  noStore,
  openExisting,
  type Settings,
} from '#libs/platform';
import { registerMetrics } from './store-metrics.js';

/** The log and what writes to it; `pool` opens further pools on the same database, closed with it. */
export interface OpenLog {
  store: EventStore;
  commands: StatementCommands;
  register: Register;
  rulesets: RulesetStore;
  registry: ReturnType<typeof createMetrics>;
  metrics: ReturnType<typeof registerMetrics>;
  pool: (name: string, max: number, statementTimeoutMs: number) => ReturnType<typeof createPool>;
  close: () => Promise<void>;
}

/** How to treat a database without a store of this version: make one, bring an older one up to date, or neither. */
export type Opening = 'make' | 'update' | 'read';

/** Identifies the sessions of a pool. */
export const sessionName = (pool: string): string => `claimline ${pool}`;

const WRITER_CONNECTIONS = 8;
const WRITE_TIMEOUT_MS = 60_000;

/**
 * Checks the server, brings the schema of the log up to date, as far as the opening says, and opens it.
 * @throws where the server or the number of shards does not fit, or there is no store and none is to be made
 */
export async function openLog(
  database: Database,
  settings: Settings,
  log: Logger,
  opening: Opening = 'make',
): Promise<OpenLog> {
  const pools: ReturnType<typeof createPool>[] = [];
  const pool: OpenLog['pool'] = (name, max, statementTimeoutMs) => {
    const onLostConnection = (error: Error) => log.warn({ err: error }, 'database connection lost');
    const opened = createPool(database.url, {
      max,
      statementTimeoutMs,
      applicationName: sessionName(name),
      onLostConnection,
    });
    pools.push(opened);
    return opened;
  };
  const close = async () => {
    await Promise.all(pools.map((one) => one.end()));
  };
  try {
    const write = pool('write', WRITER_CONNECTIONS, WRITE_TIMEOUT_MS);
    if (opening !== 'make') await requireStore(write, settings, opening);
    const { warnings } = await checkServer(write);
    for (const warning of warnings) log.warn(warning);
    if (opening !== 'read') await migrate(database.url);
    const registry = createMetrics();
    const metrics = registerMetrics(registry);
    const store = await EventStore.open(write, { shards: settings.shards, onAppend: metrics.appended });
    const refolded = await refold(write, {
      onProgress: (done, total) => log.info({ done, total }, 'names of the register are being folded again'),
    });
    if (refolded > 0)
      log.info(
        { places: refolded },
        'names are compared in a new way from now on; read models with an older layout have to be rebuilt',
      );
    const register = new Register(store);
    return {
      store,
      register,
      commands: new StatementCommands(store, register),
      rulesets: new RulesetStore(write),
      registry,
      metrics,
      pool,
      close,
    };
  } catch (error) {
    await close();
    throw connectionError(database, error);
  }
}

/** Opens the log for a command that only reads it; the database is closed with it. @throws as `openLog` */
export async function openStored(settings: Settings, log: Logger): Promise<OpenLog> {
  const database = await openExisting(settings, log);
  try {
    const opened = await openLog(database, settings, log, 'read');
    const close = async () => {
      await opened.close();
      await database.close();
    };
    return { ...opened, close };
  } catch (error) {
    await database.close();
    throw error;
  }
}

async function requireStore(
  pool: Parameters<typeof lookForStore>[0],
  settings: Settings,
  opening: Opening,
): Promise<void> {
  const presence = await lookForStore(pool);
  if (presence === 'none') throw noStore(settings);
  if (presence === 'newer')
    throw new Error('the tables of this store are those of a newer version of Claimline: use that one');
  if (presence === 'older' && opening === 'read')
    throw new Error(
      'the tables of this store are those of an older version of Claimline, and this command changes nothing: ' +
        '`claimline start` or `claimline rebuild` brings them up to date',
    );
}
