import { createReadStream } from 'node:fs';
import { migrate } from '#libs/log';
import {
  checkServer,
  connectionError,
  createLogger,
  linesOf,
  openDatabase,
  sizeOf,
  type Settings,
} from '#libs/platform';
import { restoreLog } from '#libs/transfer';
import { shutdownSignal } from '#libs/service';
import { openPools } from './open-pools.js';
import { progressBar } from './progress-bar.js';

/** A quote of 10,000 characters may take more bytes than that, escaped. */
const MAX_LINE_BYTES = 4 * 1024 * 1024;
const MAX_CONNECTIONS = 4;

/** `claimline restore`: the log of an export into an empty store. The service must be stopped. */
export async function restore(
  file: string,
  { json = false }: { json?: boolean },
  settings: Settings,
): Promise<void> {
  if (file !== '-') sizeOf(file);
  const signal = shutdownSignal();
  const log = createLogger('warn', 'stderr');
  const pools = await openPools(settings, log, { database: openDatabase, signal });
  const { database } = pools;
  const bar = progressBar('restore', 'events');
  try {
    const pool = pools.open('restore', MAX_CONNECTIONS, 0);
    await checkServer(pool);
    await migrate(database.url);
    const input = file === '-' ? process.stdin : createReadStream(file);
    const done = await restoreLog(pool, linesOf(input, MAX_LINE_BYTES), {
      signal,
      onProgress: (at, total) => bar.update(at, total),
    });
    bar.end();
    process.stdout.write(
      json
        ? `${JSON.stringify(done)}\n`
        : `store ${done.storeId} is whole: ${done.restored} events restored, ${done.already} were there already\n`,
    );
  } catch (error) {
    bar.end();
    if (signal.aborted) process.stderr.write('to resume, run it again with the same file\n');
    throw connectionError(database, error);
  } finally {
    await pools.close();
  }
}
