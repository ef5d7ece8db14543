import { join, resolve } from 'node:path';
import { lockDataFolder } from './data-folder.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';
import type { Logger } from '../logs.js';
import type { Settings } from '../settings.js';

/** A database to connect to, which must be closed. */
export interface Database {
  url: string;
  /** Whether the server is the embedded one, from node_modules. */
  embedded: boolean;
  /** The folder of the embedded server's data; undefined where this process does not know it. */
  folder?: string;
  /** Calls back once if the embedded server is lost for good: restarting it has failed. */
  onLost: (listener: (error: Error) => void) => void;
  /** Stops the embedded server and frees the data folder; does nothing to a server of the user's own. */
  close: () => Promise<void>;
}

/** A database that this process has for itself. */
export interface OwnedDatabase extends Database {
  /** Frees the data folder, and leaves the server running for its other users. */
  leave: () => Promise<void>;
}

/**
 * The database that the settings name: the user's own (DATABASE_URL; no connection is made here), or else the embedded
 * PostgreSQL on DATA_DIR, started and accepting connections.
 * @throws DataFolderInUse when another process runs on DATA_DIR; Error with the reason when the server cannot start.
 */
export async function openDatabase(
  settings: Pick<Settings, 'databaseUrl' | 'dataDir'>,
  log?: Logger,
): Promise<OwnedDatabase> {
  if (settings.databaseUrl !== undefined) {
    return {
      url: settings.databaseUrl,
      embedded: false,
      onLost: () => {},
      close: async () => {},
      leave: async () => {},
    };
  }
  const lock = await lockDataFolder(resolve(settings.dataDir));
  try {
    const server = await startEmbeddedPostgres({ dataDir: lock.folder, log });
    log?.info({ folder: join(lock.folder, 'postgres') }, 'PostgreSQL is running');
    return {
      url: server.url,
      embedded: true,
      folder: server.folder,
      onLost: (listener) => server.onExit(listener),
      close: async () => {
        try {
          await server.stop();
        } finally {
          await lock.release();
        }
      },
      leave: async () => {
        server.leave();
        await lock.release();
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** No connection could be made: refused, no answer in time, no such host, no way to it. */
const NO_CONNECTION = ['ECONNREFUSED', 'ETIMEDOUT', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

/** The same error; where no connection to a database of the user's own could be made, one that names its setting. */
export function connectionError({ embedded }: Pick<Database, 'embedded'>, error: unknown): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (embedded || !NO_CONNECTION.includes(code)) return error;
  // Where a host has several addresses, only the errors of each have a message.
  const tried = error instanceof AggregateError ? (error.errors as Error[]) : [error as Error];
  const why = tried.map(({ message }) => message).join('; ');
  return Object.assign(new Error(`no connection to the database of DATABASE_URL: ${why}`, { cause: error }), {
    code,
  });
}
