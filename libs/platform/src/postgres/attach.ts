import { lstatSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DataFolderInUse } from './data-folder.js';
import { type Database, type OwnedDatabase, openDatabase } from './database.js';
import { findRunningServer } from './embedded-postgres.js';
import type { Logger } from '../logs.js';
import type { Settings } from '../settings.js';

type Where = Pick<Settings, 'databaseUrl' | 'dataDir'>;

/** Another process has the folder, and its server does not accept connections yet: a start takes some seconds. */
const START_TIMEOUT_MS = 15_000;
const RETRY_MS = 100;

/**
 * The database that the settings name, for a command that works beside a running service and other commands: if another
 * process has the data folder, its PostgreSQL is used. The last of the commands stops a server that the first has started;
 * the server of a service ends with the service.
 * @throws DataFolderInUse when that one does not accept connections, or belongs to another user
 */
export async function openOrAttach(settings: Where, log?: Logger): Promise<Database> {
  const end = performance.now() + START_TIMEOUT_MS;
  for (;;) {
    try {
      const owned = await openDatabase(settings, log);
      return { ...owned, close: () => closeUnlessUsed(owned, settings) };
    } catch (error) {
      if (!(error instanceof DataFolderInUse)) throw error;
      const attached = await attach(settings);
      if (attached) return attached;
      if (performance.now() > end) throw error;
      await sleep(RETRY_MS);
    }
  }
}

/**
 * As `openOrAttach`, for a command that creates neither a data folder nor a database in it.
 * @throws Error that says so where there is none
 */
export async function openExisting(settings: Where, log?: Logger): Promise<Database> {
  if (settings.databaseUrl === undefined && !hasDatabase(settings.dataDir)) throw noStore(settings);
  return openOrAttach(settings, log);
}

/** The error where there is no store at the place that the settings name. */
export const noStore = ({ databaseUrl, dataDir }: Where): Error =>
  new Error(
    (databaseUrl === undefined
      ? `there is no store in ${resolve(dataDir)}: set DATA_DIR to the folder of one`
      : 'there is no store in the database that DATABASE_URL names: set it to that of one') +
      ', or make one with `claimline start`',
  );

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
async function attach(settings: Where): Promise<Database | undefined> {
  const url = await findRunningServer(resolve(settings.dataDir));
  const guest = url === undefined ? undefined : await connected(url);
  if (!guest) return undefined;
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
  const { rows } = await client.query<{ alone: boolean }>('select pg_try_advisory_lock($1) as alone', [
    GUEST_LOCK_ID,
  ]);
  if (rows[0]!.alone) return client;
  await client.end();
  return undefined;
}

async function connected(url: string): Promise<pg.Client | undefined> {
  const client = new pg.Client({ connectionString: url, application_name: 'claimline guest' });
  // The connection is cut when the server stops.
  client.on('error', () => {});
  return client.connect().then(
    () => client,
    () => undefined,
  );
}
