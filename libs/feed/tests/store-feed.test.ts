import { describe, expect, it } from '@jest/globals';
import { StoreFeed } from '#libs/feed';
import { restAfter } from '../src/batch-rest.js';
import { feedContract, RecordingSubscriber, type FeedUnderTest } from './feed-contract.js';
import { openLog } from './opened-log.js';

async function openFeed(pollMs?: number) {
  const log = await openLog();
  const errors: FeedUnderTest['errors'] = [];
  const onError = (error: unknown, shards: readonly { shard: number }[]) =>
    errors.push({ error, shards: shards.map(({ shard }) => shard) });
  return { ...log, errors, feed: new StoreFeed(log.pool, { ...(pollMs && { pollMs }), onError }) };
}

describe('the feed of the store', () => {
  feedContract(openFeed);

  it('continues when its connections are cut', async () => {
    const { feed, append, pool, errors, close } = await openFeed(100);
    const reached = new Map<number, number>();
    const abort = new AbortController();
    const done = feed.run(
      {
        checkpoints: async () => new Map(reached),
        handle: async (batch) => batch.forEach(({ shard, position }) => reached.set(shard, position)),
      },
      abort.signal,
    );
    const until = async (position: number) => {
      while ((reached.get(0) ?? 0) < position) await new Promise((resolve) => setTimeout(resolve, 10));
    };
    await append({ 0: 1 });
    await until(1);
    await pool
      .query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      )
      .catch(() => {});
    await append({ 0: 1 }).catch(() => append({ 0: 1 }));
    await until(2);
    expect(errors.length).toBeGreaterThan(0);
    abort.abort();
    await done;
    await close();
  });

  it('rests after a batch, and then delivers all that came meanwhile as one', async () => {
    const log = await openLog();
    const rests: number[] = [];
    let goOn = () => {};
    const resting = new Promise<void>((resolve) => (goOn = resolve));
    const feed = new StoreFeed(log.pool, {
      rest: async (events) => {
        rests.push(events);
        await resting;
      },
    });
    const keeper = new RecordingSubscriber();
    const abort = new AbortController();
    const done = feed.run(keeper, abort.signal);
    await log.append({ 0: 1 });
    await keeper.until(1);
    await log.append({ 0: 1 });
    await log.append({ 1: 1 });
    await log.append({ 0: 1 });
    goOn();
    await keeper.until(4);
    abort.abort();
    await done;
    await log.close();
    expect(keeper.batches.map(({ length }) => length)).toEqual([1, 3]);
    expect(rests).toEqual([1, 3]);
  });

  it('rests under load only, and no longer than 30 ms from batch to batch', () => {
    expect(restAfter(1, 5)).toBe(0);
    expect(restAfter(10, 5)).toBe(15);
    expect(restAfter(1000, 5)).toBe(25);
    expect(restAfter(1000, 400)).toBe(0);
  });

  it('gives the events as they were recorded', async () => {
    const { feed, append, store, close } = await openFeed();
    await append({ 0: 2, 1: 1 });
    const events: unknown[] = [];
    const abort = new AbortController();
    await feed.run(
      {
        checkpoints: async () =>
          new Map(
            events.length === 0
              ? []
              : [
                  [0, 2],
                  [1, 1],
                ],
          ),
        handle: async (batch) => (events.push(...batch), abort.abort()),
      },
      abort.signal,
    );
    const recorded = [...(await store.readShard(0, 0, 10)), ...(await store.readShard(1, 0, 10))];
    expect(events).toEqual(recorded.map(({ chain: _chain, ...event }) => event));
    await close();
  });
});
