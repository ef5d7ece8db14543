import { verify } from '#libs/event-store';
import { createLogger, openOrAttach, type Settings } from '#libs/platform';
import { openLog } from './open-log.js';
import { progressBar } from './progress-bar.js';
import { interrupted } from './stopping.js';

/** `claimline verify`: whether every event is where and what it was when it was recorded. */
export async function verifyLog({ json = false }: { json?: boolean }, settings: Settings): Promise<boolean> {
  const signal = interrupted();
  const log = createLogger('warn', 'stderr');
  const database = await openOrAttach(settings, log);
  const opened = await openLog(database, settings, log);
  const bar = progressBar('verify', 'events');
  const onProgress = (done: number, total: number) => {
    signal.throwIfAborted();
    bar.update(done, total);
  };
  try {
    const { events, faults } = await verify(opened.store, { onProgress });
    bar.end();
    if (json) {
      process.stdout.write(`${JSON.stringify({ events, shards: opened.store.shards, faults })}\n`);
      return faults.length === 0;
    }
    for (const { shard, position, what } of faults) process.stdout.write(shard === null ? `${what}\n` : `shard ${shard}, position ${position} ${what}\n`);
    process.stdout.write(faults.length === 0 ? `${events} events in ${opened.store.shards} shards: all fit\n` : `${faults.length} faults\n`);
    return faults.length === 0;
  } finally {
    bar.end();
    await opened.close();
    await database.close();
  }
}
