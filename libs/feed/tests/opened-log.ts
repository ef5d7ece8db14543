import { randomUUID } from 'node:crypto';
import { shardOf, type EventId, type NewEvent } from '#libs/domain';
import { EventStore, migrate } from '#libs/log';
import { createPool } from '#libs/platform';
import { freshDatabase } from '../../../tests/support/database.js';

export const SHARDS = 4;

/** The first stream of a shard. */
function streamOf(shard: number): string {
  for (let at = 0; ; at++) if (shardOf(`place-${at}`, SHARDS) === shard) return `place-${at}`;
}

const mention = (stream: string, type = 'statement.voided'): NewEvent => ({
  eventId: randomUUID() as EventId,
  type: type as 'statement.voided',
  schemaVersion: 1,
  stream,
  statementId: randomUUID() as never,
  data: {},
});

/** A log of its own, for a feed to read. */
export async function openLog() {
  const { url, drop } = await freshDatabase(migrate, 'log');
  const pool = createPool(url, { max: 8, onLostConnection: () => {} });
  const store = await EventStore.open(pool, { shards: SHARDS });
  return {
    url,
    store,
    pool,
    append: async (counts: Record<number, number>) => {
      const events = Object.entries(counts).flatMap(([shard, count]) =>
        Array.from({ length: count }, () => ({ event: mention(streamOf(Number(shard))) })),
      );
      for (let at = 0; at < events.length; at += 1000) await store.append(events.slice(at, at + 1000));
    },
    appendUnreadable: async (shard: number) =>
      void (await store.append([{ event: mention(streamOf(shard), 'unheard.of') }])),
    close: async () => {
      await pool.end();
      await drop();
    },
  };
}
