import { randomUUID } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { shardOf, type EventId, type NewEvent } from '#libs/domain';
import { EventStore, migrate } from '#libs/event-store';
import { StoreFeed } from '#libs/feed';
import { createPool } from '#libs/platform';
import { freshDatabase } from '../support/database.js';
import { feedContract, type FeedUnderTest } from './feed-contract.js';

const SHARDS = 4;

/** The first stream of a shard. */
function streamOf(shard: number): string {
  for (let at = 0; ; at++) if (shardOf(`place-${at}`, SHARDS) === shard) return `place-${at}`;
}

const mention = (stream: string): NewEvent => ({
  eventId: randomUUID() as EventId,
  type: 'statement.voided',
  schemaVersion: 1,
  stream,
  statementId: randomUUID() as never,
  data: {},
});

async function openFeed(pollMs?: number): Promise<FeedUnderTest & { store: EventStore; pool: ReturnType<typeof createPool> }> {
  const { url, drop } = await freshDatabase(migrate, 'log');
  const pool = createPool(url, { max: 6, onLostConnection: () => {} });
  const store = await EventStore.open(pool, { shards: SHARDS });
  const errors: FeedUnderTest['errors'] = [];
  return {
    feed: new StoreFeed(pool, { ...(pollMs && { pollMs }), onError: (error, shards) => errors.push({ error, shards: shards.map(({ shard }) => shard) }) }),
    errors,
    store,
    pool,
    append: async (counts) => {
      const events = Object.entries(counts).flatMap(([shard, count]) => Array.from({ length: count }, () => ({ event: mention(streamOf(Number(shard))) })));
      for (let at = 0; at < events.length; at += 1000) await store.append(events.slice(at, at + 1000));
    },
    close: async () => {
      await pool.end();
      await drop();
    },
  };
}

describe('the feed of the store', () => {
  feedContract(openFeed);

  it('goes on when its connections are cut', async () => {
    const { feed, append, pool, errors, close } = await openFeed(100);
    const reached = new Map<number, number>();
    const abort = new AbortController();
    const done = feed.run({ position: async () => new Map(reached), handle: async (batch) => batch.forEach(({ shard, position }) => reached.set(shard, position)) }, abort.signal);
    const until = async (position: number) => {
      while ((reached.get(0) ?? 0) < position) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await append({ 0: 1 });
    await until(1);
    await pool.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()').catch(() => {});
    await append({ 0: 1 }).catch(() => append({ 0: 1 }));
    await until(2);
    expect(errors.length).toBeGreaterThan(0);
    abort.abort();
    await done;
    await close();
  });

  it('gives the events as they were recorded', async () => {
    const { feed, append, store, close } = await openFeed();
    await append({ 0: 2, 1: 1 });
    const events: unknown[] = [];
    const abort = new AbortController();
    await feed.run({ position: async () => new Map(events.length === 0 ? [] : [[0, 2], [1, 1]]), handle: async (batch) => (events.push(...batch), abort.abort()) }, abort.signal);
    expect(events).toEqual([...(await store.readShard(0, 0, 10)), ...(await store.readShard(1, 0, 10))]);
    await close();
  });
});
