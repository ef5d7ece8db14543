import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { EventStore } from '#libs/log';
import { StoreFeed } from '#libs/feed';
import { createPool } from '#libs/platform';
import { catchUp, ProjectionWaiter, type CatchUpOptions } from '#libs/queries';
import { all, claim, registration } from '../../../tests/support/opened-store.js';
import { newGeneration, openDatabase } from '../../../tests/support/generations.js';

const PROJECTORS = 'claimline project';

let url: string;
let pool: pg.Pool;
let store: EventStore;
let close: () => Promise<void>;
let fixture: Awaited<ReturnType<typeof newGeneration>>;
let waiter: ProjectionWaiter;
beforeAll(async () => {
  ({ url, pool, close } = await openDatabase(20));
  store = await EventStore.open(pool, { shards: 4 });
  fixture = await newGeneration(pool, store);
  waiter = new ProjectionWaiter(pool, fixture.generation);
});
afterAll(async () => {
  await waiter.close();
  await close();
});

const EVENTS = 300;
let recorded = 0;
beforeEach(() => record(EVENTS));

async function record(count: number): Promise<void> {
  await store.append(Array.from({ length: count }, () => claim(`place ${(recorded += 1) % 40}`)));
}

const heads = async () => new Map((await store.heads()).map(({ shard, position }) => [shard, position]));
const level = (
  options: Partial<CatchUpOptions> = {},
  models: Parameters<typeof catchUp>[0]['models'] = fixture.models,
) =>
  catchUp({ log: store, models, progress: waiter, pool }, { projectors: PROJECTORS, pollMs: 20, ...options });

/** A session that is named as a projector, whatever it does. */
async function another<T>(use: (own: pg.Pool) => Promise<T>): Promise<T> {
  const own = createPool(url, { applicationName: PROJECTORS });
  const session = await own.connect();
  try {
    return await use(own);
  } finally {
    session.release();
    await own.end();
  }
}

describe('catching up', () => {
  it('projects what the log holds where nobody else does, says how far it is, and costs nothing where nothing is missing', async () => {
    const seen: number[][] = [];
    await level({ onProgress: (done, total) => seen.push([done, total]) });
    expect(await fixture.models.checkpoints()).toEqual(await heads());
    expect(seen[0]).toEqual([0, EVENTS]);
    await level({ onProgress: () => expect(true).toBe(false) });
  });

  it('does so in several processes at once, and what comes of it is what one makes', async () => {
    await record(5000);
    await Promise.all(Array.from({ length: 4 }, () => level()));
    const { generation, projector, models } = await newGeneration(pool, store, 'alone');
    await projector.handle(await all(store.readAll()));
    expect(await models.checkpoints()).toEqual(await fixture.models.checkpoints());
    const states = async (schema: string) =>
      (
        await pool.query<{ rows: string }>(
          `select md5(string_agg(s::text, '' order by id collate "C")) as rows from ${schema}.location_state s`,
        )
      ).rows[0]!.rows;
    expect(await states(generation.schema)).toBe(await states(fixture.generation.schema));
  }, 60_000);

  it('does not wait for what is recorded later', async () => {
    const writing = new AbortController();
    const writer = (async () => {
      while (!writing.signal.aborted) await record(1);
    })();
    await level();
    writing.abort();
    await writer;
  });

  it('waits for another process that projects', async () => {
    let looks = 0;
    await another(async (own) => {
      const waiting = level({ onProgress: () => looks++ });
      while (looks < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await fixture.models.checkpoints()).not.toEqual(await heads());
      const stopping = new AbortController();
      const running = new StoreFeed(own).run((await newGeneration(own, store)).projector, stopping.signal);
      await waiting;
      stopping.abort();
      await running;
    });
    expect(await fixture.models.checkpoints()).toEqual(await heads());
  });

  it('takes the work over where that process is gone', async () => {
    let looks = 0;
    let waiting: Promise<void>;
    await another(async () => {
      waiting = level({ onProgress: () => looks++ });
      while (looks < 3) await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await fixture.models.checkpoints()).not.toEqual(await heads());
    });
    await waiting!;
    expect(await fixture.models.checkpoints()).toEqual(await heads());
  });

  it('gives up where another process projects nothing, and says so', async () => {
    await another(async () => {
      await expect(level({ stallTimeoutMs: 100 })).rejects.toThrow(
        `the read models lack ${EVENTS} events of the log, and none was projected for 0.1 s\n  another process projects them`,
      );
    });
    await level();
  });

  it('gives up at an event that cannot be projected, and names it; the others are projected', async () => {
    const broken = claim('broken');
    const [receipt] = await store.append([
      { ...broken, event: { ...broken.event, type: 'claim.doubted' as never } },
    ]);
    if (!receipt?.ok) throw new Error('not recorded');
    const { shard, position, eventId } = receipt.value;
    await store.append([registration('of a place')]);
    const { models } = fixture;
    await expect(level({ stallTimeoutMs: 1500 })).rejects.toThrow(
      new RegExp(
        'the read models lack \\d+ events? of the log, .*\n' +
          `  shard ${shard} stands still at event ${eventId} \\(${shard}:${position}\\): .*unknown type`,
      ),
    );
    const reached = await models.checkpoints();
    for (const [other, head] of await heads())
      expect(reached.get(other) ?? 0).toBe(other === shard ? position - 1 : head);
  }, 30_000);

  it('ends when it is stopped', async () => {
    const stopping = new AbortController();
    await expect(
      level({ signal: stopping.signal, onProgress: () => stopping.abort(new Error('told to stop')) }),
    ).rejects.toThrow('told to stop');
  });
});
