import { readFileSync, realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { DataFolderInUse } from './data-folder.js';
import { type Database, openDatabase } from './database.js';
import type { Logger } from './logs.js';
import { SUPERUSER } from './postgres-data.js';
import { readPidFile } from './postgres-process.js';
import type { Settings } from './settings.js';

/**
 * The database that the settings name, for a command that works beside a running service: where another process has the
 * data folder, the PostgreSQL that it runs is used, and left running.
 */
export async function openOrAttach(settings: Pick<Settings, 'databaseUrl' | 'dataDir'>, log?: Logger): Promise<Database> {
  try {
    return await openDatabase(settings, log);
  } catch (error) {
    if (!(error instanceof DataFolderInUse)) throw error;
    const folder = resolve(settings.dataDir);
    const running = readPidFile(realpathSync(join(folder, 'postgres')));
    if (!running || running.port === 0) throw error;
    const password = readFileSync(join(folder, 'postgres-password'), 'utf8').trim();
    return { url: `postgresql://${SUPERUSER}:${password}@127.0.0.1:${running.port}/${SUPERUSER}`, embedded: true, onLost: () => {}, close: async () => {} };
  }
}
