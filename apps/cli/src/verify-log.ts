import { verify } from '#libs/event-store';
import { createLogger, openOrAttach, type Settings } from '#libs/platform';
import { layFoundation } from './foundation.js';
import { progressBar } from './progress-bar.js';

/** `claimline verify`: whether every event is where and what it was when it was recorded. */
export async function verifyLog(settings: Settings): Promise<boolean> {
  const log = createLogger('warn', 'stderr');
  const database = await openOrAttach(settings, log);
  const foundation = await layFoundation(database, settings, log);
  const bar = progressBar('verify', 'events');
  try {
    const { events, faults } = await verify(foundation.store, { onProgress: (done, total) => bar.update(done, total) });
    bar.end();
    for (const { shard, position, what } of faults) process.stdout.write(shard === null ? `${what}\n` : `shard ${shard}, position ${position} ${what}\n`);
    process.stdout.write(faults.length === 0 ? `${events} events in ${foundation.store.shards} shards: all fit\n` : `${faults.length} faults\n`);
    return faults.length === 0;
  } finally {
    bar.end();
    await foundation.close();
    await database.close();
  }
}
