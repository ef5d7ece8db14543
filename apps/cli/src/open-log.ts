import { EventStore, migrate, Recorder, refold, Register, RulesetStore } from '#libs/event-store';
import { checkServer, createMetrics, createPool, type Database, type Logger, type Settings } from '#libs/platform';
import { registerMetrics } from './store-metrics.js';

/** The log and what writes to it; `pool` opens further pools on the same database, closed with it. */
export interface OpenLog {
  store: EventStore;
  recorder: Recorder;
  register: Register;
  rulesets: RulesetStore;
  registry: ReturnType<typeof createMetrics>;
  metrics: ReturnType<typeof registerMetrics>;
  pool: (name: string, max: number, statementTimeoutMs: number) => ReturnType<typeof createPool>;
  close: () => Promise<void>;
}

const WRITERS = 8;
const WRITE_TIMEOUT_MS = 60_000;

/**
 * Checks the server, brings the schema of the log up to date and opens it.
 * @throws where the server or the number of shards does not fit
 */
export async function openLog(database: Database, settings: Settings, log: Logger): Promise<OpenLog> {
  const pools: ReturnType<typeof createPool>[] = [];
  const pool: OpenLog['pool'] = (name, max, statementTimeoutMs) => {
    const onLostConnection = (error: Error) => log.warn({ err: error }, 'database connection lost');
    const opened = createPool(database.url, { max, statementTimeoutMs, applicationName: `claimline ${name}`, onLostConnection });
    pools.push(opened);
    return opened;
  };
  const close = async () => {
    await Promise.all(pools.map((one) => one.end()));
  };
  try {
    const write = pool('write', WRITERS, WRITE_TIMEOUT_MS);
    const { warnings } = await checkServer(write);
    for (const warning of warnings) log.warn(warning);
    await migrate(database.url);
    const registry = createMetrics();
    const metrics = registerMetrics(registry);
    const store = await EventStore.open(write, { shards: settings.shards, onAppend: metrics.appended });
    const refolded = await refold(write, { onProgress: (done, total) => log.info({ done, total }, 'names of the register are folded anew') });
    if (refolded > 0) log.info({ places: refolded }, 'names are compared in a new way from now on; read models of an older form have to be rebuilt');
    const register = new Register(store);
    return { store, register, recorder: new Recorder(store, register), rulesets: new RulesetStore(write), registry, metrics, pool, close };
  } catch (error) {
    await close();
    throw error;
  }
}
