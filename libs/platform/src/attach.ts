import { resolve } from 'node:path';
import { DataFolderInUse } from './data-folder.js';
import { type Database, openDatabase } from './database.js';
import { findRunningServer } from './embedded-postgres.js';
import type { Logger } from './logs.js';
import type { Settings } from './settings.js';

/**
 * The database that the settings name, for a command that works beside a running service: where another process has the
 * data folder, the PostgreSQL that it runs is used, and left running by close().
 * @throws DataFolderInUse when that one does not accept connections (yet), or belongs to another user
 */
export async function openOrAttach(settings: Pick<Settings, 'databaseUrl' | 'dataDir'>, log?: Logger): Promise<Database> {
  try {
    return await openDatabase(settings, log);
  } catch (error) {
    const url = error instanceof DataFolderInUse ? await findRunningServer(resolve(settings.dataDir)) : undefined;
    if (url === undefined) throw error;
    return { url, embedded: true, onLost: () => {}, close: async () => {} };
  }
}
