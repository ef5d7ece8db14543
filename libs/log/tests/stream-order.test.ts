import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStore } from '#libs/log';
import { createPool } from '#libs/platform';
import type { PlacedEvent } from '#libs/domain';
import { Random } from '../../../tests/support/random.js';
import { all, claim, openStore, registration } from '../../../tests/support/opened-store.js';

/** In the order of bytes, which is not that of a language. */
const PLACES = ['Place-3', 'place-1', 'place-20', 'place_2'];
const EVENTS = 1500;

describe('a shard stream by stream', () => {
  let log: Awaited<ReturnType<typeof openStore>>;
  beforeAll(async () => {
    log = await openStore({ shards: 1 });
    const random = new Random(5);
    for (let left = EVENTS; left > 0; left -= 500)
      await log.store.append(
        Array.from({ length: 500 }, () =>
          random.chance(0.05)
            ? registration('place-1')
            : claim(
                random.pick(PLACES),
                undefined,
                `Валерий ${'Герасимов '.repeat(random.int(0, 15)).trim()}`,
              ),
        ),
      );
  });
  afterAll(() => log.close());

  const pagesOf = async (store: EventStore, upTo: number) => {
    const pages: PlacedEvent[][] = [];
    for await (const page of store.readByStream(0, upTo)) pages.push(page);
    return pages;
  };

  test('has each event as it was recorded, in more pages than one', async () => {
    const upTo = EVENTS - 1;
    const recorded = (await all(log.store.readAll())).filter(({ position }) => position <= upTo);
    const pages = await pagesOf(log.store, upTo);
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat()).toEqual(
      [...PLACES, 'register'].flatMap((stream) =>
        recorded
          .filter((event) => event.stream === stream)
          .map(({ chain: _chain, ...event }): PlacedEvent => event),
      ),
    );
    expect(await pagesOf(log.store, 0)).toEqual([]);
  });

  test('has them in the newest version', async () => {
    const upcasters = { 'claim.asserted': { 1: (data: unknown) => ({ ...(data as object), newer: true }) } };
    const newer = await EventStore.open(log.pool, { shards: 1, upcasters });
    const [claims] = await pagesOf(newer, 10);
    expect(claims!.filter(({ type }) => type === 'claim.asserted')).not.toEqual([]);
    for (const { type, data } of claims!) expect('newer' in data).toBe(type === 'claim.asserted');
  });

  test('may take longer than any other query', async () => {
    // Given a pool with a limit of time, and a shard that takes longer: here for a lock, otherwise for its length
    const pool = createPool(log.url, { max: 1, statementTimeoutMs: 200 });
    const store = await EventStore.open(pool, { shards: 1 });
    const blocker = await log.pool.connect();
    try {
      await blocker.query('begin; lock table claimline.events in access exclusive mode');
      // When it is read
      const read = pagesOf(store, 10);
      await Promise.race([read, sleep(1000)]);
      await blocker.query('commit');
      // Then it is read to its end
      expect((await read).flat()).toHaveLength(10);
      // And the limit still counts for what comes after it
      await expect(pool.query('select pg_sleep(5)')).rejects.toThrow('statement timeout');
    } finally {
      blocker.release();
      await pool.end();
    }
  });

  test('can be left before its end, or cut off', async () => {
    for await (const page of log.store.readByStream(0, EVENTS)) {
      expect(page).not.toEqual([]);
      break;
    }
    const gone = new AbortController();
    await expect(async () => {
      for await (const _page of log.store.readByStream(0, EVENTS, gone.signal)) gone.abort();
    }).rejects.toThrow('abort');
    expect(await pagesOf(log.store, EVENTS)).not.toEqual([]);
    expect(log.pool.idleCount).toBe(log.pool.totalCount);
  });
});
