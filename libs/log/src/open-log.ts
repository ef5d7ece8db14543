import {
  checkServer,
  connectionError,
  type Logger,
  noStore,
  type Pools,
  RoomGuard,
  type Settings,
  type Tracing,
} from '#libs/platform';
import { type AppendReport, EventStore } from './event-store.js';
import { begunIn } from './epochs/epoch-watch.js';
import { SeenFile } from './epochs/seen-file.js';
import { migrate } from './schema/data-source.js';
import { lookForStore } from './store/present-store.js';

/** How to treat a database without a store of this version: make one, bring an older one up to date, or neither. */
export type Opening = 'make' | 'update' | 'read';

const WRITER_CONNECTIONS = 8;
const WRITE_TIMEOUT_MS = 60_000;

/**
 * Checks the server, brings the schema of the log up to date, as far as the opening says, and opens it.
 * @param onAppend called after each append
 * @throws where the server or the number of shards does not fit, or there is no store and none is to be made
 */
export async function openLog(
  pools: Pools,
  settings: Settings,
  log: Logger,
  opening: Opening = 'make',
  onAppend?: (report: AppendReport) => void,
  tracing?: Tracing,
): Promise<EventStore> {
  try {
    const write = pools.open('write', WRITER_CONNECTIONS, WRITE_TIMEOUT_MS);
    if (opening !== 'make') await requireStore(write, settings, opening);
    const { warnings } = await checkServer(write);
    for (const warning of warnings) log.warn(warning);
    if (opening !== 'read') await migrate(pools.database.url);
    const { folder } = pools.database;
    const room = folder === undefined ? undefined : new RoomGuard(folder);
    const store = await EventStore.open(write, {
      shards: settings.shards,
      tracing,
      guard: room && (() => room.require()),
      ...(onAppend && { onAppend }),
    });
    if (opening !== 'read') await recall(store, settings, log);
    return store;
  } catch (error) {
    throw connectionError(pools.database, error);
  }
}

/** Compares the log with what was seen of it, before anything is recorded. */
async function recall(store: EventStore, settings: Settings, log: Logger): Promise<void> {
  const before = store.epochs.present;
  await store.lineage.recall(SeenFile.of(settings, store.id, log)?.read() ?? []);
  if (store.epochs.present !== before) log.warn(begunIn(store.epochs));
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
