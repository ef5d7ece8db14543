import { createLogger, openOrAttach, type Settings } from '#libs/platform';
import { layFoundation } from './foundation.js';

/** `claimline status`: where the log and the read models are. */
export async function status({ json = false }: { json?: boolean }, settings: Settings): Promise<void> {
  const log = createLogger('warn', 'stderr');
  const database = await openOrAttach(settings, log);
  const foundation = await layFoundation(database, settings, log);
  try {
    const shards = await foundation.models.lag(foundation.store);
    const ruleset = (await foundation.models.ruleset()).version;
    if (json) {
      process.stdout.write(`${JSON.stringify({ storeId: foundation.store.id, rulesetVersion: ruleset, shards })}\n`);
      return;
    }
    const events = shards.reduce((sum, { head }) => sum + head, 0);
    const behind = shards.reduce((sum, { lag }) => sum + lag.events, 0);
    process.stdout.write(`store ${foundation.store.id}, ruleset ${ruleset}\n${events} events in ${shards.length} shards, read models ${behind === 0 ? 'level with them' : `${behind} behind`}\n\n`);
    process.stdout.write('shard      head  checkpoint       lag\n');
    for (const { shard, head, checkpoint, lag } of shards)
      process.stdout.write(`${String(shard).padStart(5)} ${String(head).padStart(9)} ${String(checkpoint).padStart(11)} ${String(lag.events).padStart(9)}\n`);
  } finally {
    await foundation.close();
    await database.close();
  }
}
