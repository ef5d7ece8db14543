import { join, resolve } from 'node:path';
import { DataFolderInUse, lockDataFolder } from './data-folder.js';
import { findRunningServer, startEmbeddedPostgres } from './embedded-postgres.js';
import type { Logger } from './logs.js';
import type { Settings } from './settings.js';

/** A database to connect to, and the duty to close it. */
export interface Database {
  url: string;
  /** Whether the server is our own, out of node_modules. */
  embedded: boolean;
  /** Calls back once if the embedded server is lost for good: restarting it has failed. */
  onLost: (listener: (error: Error) => void) => void;
  /** Stops the embedded server and frees the data folder; does nothing to a server of the user's own. */
  close: () => Promise<void>;
}

export interface OpenOptions {
  /**
   * When another Claimline has the embedded server running, connect to that one instead of failing: for commands
   * beside a running service. Closing it then does nothing.
   */
  join?: boolean;
}

/**
 * The database that the settings name: the user's own (DATABASE_URL; no connection is made here), or else the embedded
 * PostgreSQL on DATA_DIR, started and accepting connections.
 * @throws DataFolderInUse when another process runs on DATA_DIR; Error with the reason when the server cannot start.
 */
export async function openDatabase(settings: Pick<Settings, 'databaseUrl' | 'dataDir'>, log?: Logger, { join: mayJoin = false }: OpenOptions = {}): Promise<Database> {
  if (settings.databaseUrl !== undefined) return notOurs(settings.databaseUrl, false);
  const dataDir = resolve(settings.dataDir);
  try {
    return await openEmbedded(dataDir, log);
  } catch (error) {
    const url = mayJoin && error instanceof DataFolderInUse ? await findRunningServer(dataDir) : undefined;
    if (url === undefined) throw error;
    return notOurs(url, true);
  }
}

function notOurs(url: string, embedded: boolean): Database {
  return { url, embedded, onLost: () => {}, close: async () => {} };
}

async function openEmbedded(dataDir: string, log: Logger | undefined): Promise<Database> {
  const lock = await lockDataFolder(dataDir);
  try {
    const server = await startEmbeddedPostgres({ dataDir: lock.folder, log });
    log?.info({ folder: join(lock.folder, 'postgres') }, 'PostgreSQL is running');
    return {
      url: server.url,
      embedded: true,
      onLost: (listener) => server.onExit(listener),
      close: async () => {
        try {
          await server.stop();
        } finally {
          await lock.release();
        }
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}
