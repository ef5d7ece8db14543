import { lstatSync, realpathSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { pause } from '#libs/concurrency';
import { DataFolderInUse } from './data-folder.js';
import { type Database, type OwnedDatabase, openDatabase } from './database.js';
import { findRunningServer } from './embedded-postgres.js';
import { isFull, NO_SLOT, TELL_AFTER_MS, type Waiting } from './slots.js';
import { setSession } from './session-settings.js';
import { diskReason } from './storage-fault.js';
import type { Logger } from '../logs.js';
import type { Settings } from '../settings.js';

type Where = Pick<Settings, 'databaseUrl' | 'dataDir'>;

/** Another process has the folder, and its server does not accept connections yet: a start takes some seconds. */
const START_TIMEOUT_MS = 15_000;
const RETRY_MS = 100;

/**
 * The database that the settings name, for a command that works beside a running service and other commands: if another
 * process has the data folder, its PostgreSQL is used. The last of the commands stops a server that the first has started;
 * the server of a service ends with the service. While that server has no connection free, it waits.
 * @throws DataFolderInUse when that one does not accept connections, or belongs to another user; Error that says so where it waits
 * for its disk; the signal's reason
 */
export async function openOrAttach(
  settings: Where,
  log?: Logger,
  { signal, onWaiting }: Waiting = {},
): Promise<Database> {
  const begin = performance.now();
  let [end, isTold] = [begin + START_TIMEOUT_MS, false];
  for (;;) {
    try {
      const owned = await openDatabase(settings, log);
      return { ...owned, close: () => closeUnlessUsed(owned, settings) };
    } catch (error) {
      if (!(error instanceof DataFolderInUse)) throw error;
      const attached = await attach(settings);
      const now = performance.now();
      if (attached === 'full') {
        end = now + START_TIMEOUT_MS;
        if (!isTold && now > begin + TELL_AFTER_MS) onWaiting?.(NO_SLOT);
        isTold ||= now > begin + TELL_AFTER_MS;
      } else if (attached) return attached;
      else if (now > end) throw (await diskError(settings)) ?? error;
      await pause(RETRY_MS, signal);
      signal?.throwIfAborted();
    }
  }
}

/**
 * As `openOrAttach`, for a command that creates neither a data folder nor a database in it.
 * @throws Error that says so where there is none
 */
export async function openExisting(settings: Where, log?: Logger, waiting?: Waiting): Promise<Database> {
  if (settings.databaseUrl === undefined && !hasDatabase(settings.dataDir)) throw noStore(settings);
  return openOrAttach(settings, log, waiting);
}

/** The error where there is no store at the place that the settings name. */
export const noStore = ({ databaseUrl, dataDir }: Where): Error =>
  new Error(
    (databaseUrl === undefined
      ? `there is no store in ${resolve(dataDir)}: set DATA_DIR to the folder of one`
      : 'there is no store in the database that DATABASE_URL names: set it to that of one') +
      ', or make one with `claimline start`',
  );

/** Where the server of another process waits for its disk. */
async function diskError({ dataDir }: Where): Promise<Error | undefined> {
  const reason = await realpath(join(dataDir, 'postgres')).then(
    (folder) => diskReason(folder, ''),
    () => undefined,
  );
  return reason === undefined ? undefined : new Error(`PostgreSQL does not run, because ${reason}`);
}

function hasDatabase(dataDir: string): boolean {
  try {
    // A link whose folder is gone counts as a database.
    lstatSync(join(dataDir, 'postgres'));
    return true;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code!)) return false;
    throw error;
  }
}

/** An advisory lock, held in shared mode by users of another process's server. */
const GUEST_LOCK_ID = 7_136_842_002;

/** The server of the process that has the folder; undefined where it cannot be used (yet, or any longer). */
async function attach(settings: Where): Promise<Database | 'full' | undefined> {
  const url = await findRunningServer(resolve(settings.dataDir));
  const guest = url === undefined ? undefined : await connected(url);
  if (!guest || guest === 'full') return guest;
  try {
    await guest.query('select pg_advisory_lock_shared($1)', [GUEST_LOCK_ID]);
  } catch {
    // It is being stopped.
    return undefined;
  }
  return {
    url: url!,
    embedded: true,
    folder: realpathSync(join(settings.dataDir, 'postgres')),
    onLost: () => {},
    close: async () => {
      await guest.end().catch(() => {});
      await takeOver(settings);
    },
  };
}

/** Stops the server, unless others use it: then the last of them stops it. */
async function closeUnlessUsed(owned: OwnedDatabase, settings: Where): Promise<void> {
  // Nobody else can connect while the lock's connection lasts.
  if (!owned.embedded || (await aloneOn(owned.url))) return owned.close();
  await owned.leave();
  // A process that came in between has seen this one as the owner, and left the server to it.
  const alone = await aloneOn(owned.url);
  await alone?.end();
  if (alone) await takeOver(settings);
}

/** Stops a server that runs without an owner. */
async function takeOver(settings: Where): Promise<void> {
  if ((await findRunningServer(resolve(settings.dataDir))) === undefined) return;
  try {
    await closeUnlessUsed(await openDatabase(settings), settings);
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error;
  }
}

/** Keeps others from using a server; undefined where somebody uses it. */
async function aloneOn(url: string): Promise<Pick<pg.Client, 'end'> | undefined> {
  const client = await connected(url);
  // The server is gone, or accepts no connections.
  if (!client) return { end: async () => {} };
  if (client === 'full') return undefined;
  const { rows } = await client.query<{ alone: boolean }>('select pg_try_advisory_lock($1) as alone', [
    GUEST_LOCK_ID,
  ]);
  if (rows[0]!.alone) return client;
  await client.end();
  return undefined;
}

/** Undefined where the server is gone, or accepts no connections; `full` where it has none free. */
async function connected(url: string): Promise<pg.Client | 'full' | undefined> {
  const client = new pg.Client({ connectionString: url, application_name: 'claimline guest' });
  // The connection is cut when the server stops.
  client.on('error', () => {});
  try {
    await client.connect();
    await setSession(client);
    return client;
  } catch (error) {
    await client.end().catch(() => {});
    return isFull(error) ? 'full' : undefined;
  }
}
