import { afterAll, beforeAll, describe, expect, it, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type pg from 'pg';
import type { Token } from '#libs/domain';
import type { EventStore } from '#libs/log';
import { type Bookmark, Bookmarks, Completeness, ProjectionWaiter } from '#libs/queries';
import { type Projector } from '#libs/projection';
import { completeUpTo } from '../src/freshness/proof.js';
import { claim, openStore, valueOf } from '../../../tests/support/opened-store.js';
import { newGeneration } from '../../../tests/support/generations.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';

let opened: Awaited<ReturnType<typeof openStore>>;
let store: EventStore;
let pool: pg.Pool;
let models: ModelQueries;
let projector: Projector;
beforeAll(async () => {
  opened = await openStore({ shards: 4 });
  ({ store, pool } = opened);
  ({ models, projector } = await newGeneration(pool, store));
});
afterAll(async () => {
  await Promise.all(watching.map((waiter) => waiter.close()));
  await opened.close();
});

const watching: ProjectionWaiter[] = [];
/** One that has seen nothing yet. */
function fresh(): Completeness {
  const waiter = new ProjectionWaiter(pool, models.generation);
  watching.push(waiter);
  return new Completeness(store, models, waiter);
}
/** Appends a statement about a place, at another time than the one before. */
async function say(place: string): Promise<{ shard: number; position: number; recordedAt: string }> {
  await new Promise((done) => setTimeout(done, 3));
  return valueOf((await store.append([claim(place)]))[0]);
}
/** Projects what is in the log of some shards. */
async function project(...shards: number[]): Promise<void> {
  const reached: Token = await models.checkpoints();
  for (const shard of shards)
    await projector.handle(await store.readShard(shard, reached.get(shard) ?? 0, 1000));
}
const ALL = [0, 1, 2, 3];
/** A place of each shard. */
const inShards = () =>
  ALL.map((shard) =>
    Array.from({ length: 100 }, (_, n) => `place-${n}`).find((id) => store.shardOf(id) === shard)!,
  );

describe('what was recorded by a time', () => {
  it('is whole once it is projected in every shard', async () => {
    const [one, two] = inShards() as [string, string];
    const completeness = fresh();
    const first = await say(one);
    await project(...ALL);
    const second = await say(two);
    const third = await say(one);
    expect(await completeness.waitFor(first.recordedAt, 0)).toBe(true);
    await project(first.shard);
    // The third is projected, the second is not.
    expect(await completeness.waitFor(second.recordedAt, 0)).toBe(false);
    expect(await completeness.waitFor(third.recordedAt, 20)).toBe(false);
    expect(completeness.proof.holds(third.recordedAt, [third.shard])).toBe(true);
    expect(completeness.proof.holds(third.recordedAt)).toBe(false);
    expect(completeness.proof.holds(new Date(Date.parse(second.recordedAt) - 1).toISOString())).toBe(true);
    const waiting = completeness.waitFor(third.recordedAt, 30_000);
    await project(second.shard);
    expect(await waiting).toBe(true);
    expect(completeness.proof.holds(third.recordedAt)).toBe(true);
    await expect(completeness.require('1999-01-01T00:00:00.000Z')).resolves.toBeUndefined();
  });

  it('is not, while a writer holds a head that may record something of that time', async () => {
    const [one] = inShards() as [string];
    const before = await say(one);
    await project(...ALL);
    const writer = await pool.connect();
    try {
      await writer.query(`begin; select from claimline.heads where shard = 2 for update`);
      await new Promise((done) => setTimeout(done, 3));
      const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now');
      const at = rows[0]!.now.toISOString();
      await new Promise((done) => setTimeout(done, 3));
      const completeness = fresh();
      expect(await completeness.waitFor(at, 0)).toBe(false);
      // Events from before its start are complete all the same.
      expect(await completeness.waitFor(before.recordedAt, 0)).toBe(true);
      const waiting = completeness.waitFor(at, 30_000);
      await writer.query('commit');
      expect(await waiting).toBe(true);
    } finally {
      writer.release();
    }
  });

  it('is what is committed by now, where the time is still to come', async () => {
    const [one] = inShards() as [string];
    const completeness = fresh();
    const said = await say(one);
    expect(await completeness.waitFor('2100-01-01T00:00:00.000Z', 0)).toBe(false);
    await expect(completeness.require('2100-01-01T00:00:00.000Z', 10)).rejects.toThrow(
      'the read models do not have all that was recorded by 2100',
    );
    const waiting = completeness.waitFor('2100-01-01T00:00:00.000Z', 30_000);
    await project(said.shard);
    expect(await waiting).toBe(true);
    expect(completeness.proof.holds('2100-01-01T00:00:00.000Z')).toBe(false);
  });

  it('is looked up once for all who wait, and not at all once it is known', async () => {
    const [one] = inShards() as [string];
    const { recordedAt } = await say(one);
    await project(...ALL);
    await new Promise((done) => setTimeout(done, 3));
    const completeness = fresh();
    const looks = jest.spyOn(store, 'settled');
    await Promise.all(Array.from({ length: 50 }, () => completeness.waitFor(recordedAt, 1000)));
    expect(looks.mock.calls.length).toBeLessThanOrEqual(2);
    looks.mockClear();
    await Promise.all(Array.from({ length: 50 }, () => completeness.waitFor(recordedAt, 1000)));
    expect(looks).not.toHaveBeenCalled();
    looks.mockRestore();
  });
});

describe('who waits for a token', () => {
  it('knows from the same look up to when the read models have everything, and of which shards not', async () => {
    const [one, two] = inShards() as [string, string];
    await project(...ALL);
    const waiter = new ProjectionWaiter(pool, models.generation, { log: store });
    watching.push(waiter);
    const missing = await say(two);
    const said = await say(one);
    const waiting = waiter.waitFor(new Map([[said.shard, said.position]]), 30_000);
    await new Promise((done) => setTimeout(done, 3));
    await project(said.shard);
    expect(await waiting).toBe(true);
    expect(waiter.proof.holds(said.recordedAt, [said.shard])).toBe(true);
    expect(waiter.proof.holds(missing.recordedAt)).toBe(false);
    const whole = waiter.waitFor(new Map([[missing.shard, missing.position]]), 30_000);
    await project(missing.shard);
    expect(await whole).toBe(true);
    expect(waiter.proof.holds(said.recordedAt)).toBe(true);
  });

  it('knows it too of a shard that has got more meanwhile, and where the projection was announced before it came', async () => {
    const [one] = inShards() as [string];
    await project(...ALL);
    const waiter = new ProjectionWaiter(pool, models.generation, { log: store });
    watching.push(waiter);
    const first = await say(one);
    const waiting = waiter.waitFor(new Map([[first.shard, first.position]]), 30_000);
    const next = await say(one);
    await projector.handle(await store.readShard(first.shard, first.position - 1, 1));
    expect(await waiting).toBe(true);
    expect(waiter.proof.holds(first.recordedAt)).toBe(true);
    expect(waiter.proof.holds(next.recordedAt, [next.shard])).toBe(false);
    await project(...ALL);
    while (!waiter.has(new Map([[next.shard, next.position]])))
      await new Promise((done) => setTimeout(done, 5));
    expect(waiter.proof.holds(next.recordedAt)).toBe(true);
  });
});

test('read models are complete up to before the first event that they lack, and not beyond what is settled', async () => {
  const timeOf = (ms: number) => new Date(1_700_000_000_000 + ms).toISOString();
  // Of each shard: by how much each event is later than the one before, how many are applied, how many more the heads name.
  const shard = fc.record({
    steps: fc.array(fc.nat(3), { maxLength: 8 }),
    applied: fc.nat(8),
    more: fc.nat(8),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(shard, { minLength: 1, maxLength: 4 }), fc.nat(24), async (given, settled) => {
      const log = given.map(({ steps }) =>
        steps.map(
          (
            (time) => (step: number) =>
              (time += step)
          )(0),
        ),
      );
      const applied = given.map((one, n) => Math.min(one.applied, log[n]!.length));
      const heads = new Map(given.map(({ more }, n) => [n, Math.min(applied[n]! + more, log[n]!.length)]));
      // Events after the heads are later than what is settled.
      const inHeads = (n: number) => log[n]!.slice(0, heads.get(n));
      const nextAfter = async (token: Token) =>
        new Map([...token].map(([n, position]) => [n, timeOf(log[n]![position]!)]));
      const upTo = await completeUpTo(
        { nextAfter },
        { at: timeOf(settled), heads },
        new Map(applied.map((position, n) => [n, position])),
      );
      for (const [n] of log.entries()) {
        const missing = inHeads(n).slice(applied[n]);
        const most = Math.min(settled, ...missing.map((time) => time - 1));
        expect(upTo.get(n)).toBe(timeOf(most));
      }
    }),
  );
});

describe('a bookmark where shards are projected unevenly', () => {
  it('is that of a place whose shards are whole, and none of a list, nor of a place that something is missing of', async () => {
    const [one, two] = inShards() as [string, string];
    await project(...ALL);
    const missing = await say(two);
    const said = await say(one);
    await project(said.shard);
    const bookmarks = new Bookmarks(fresh(), (stream) => store.shardOf(stream));
    const of = (place: string) =>
      bookmarked(bookmarks, (onBasis) => models.place(place, undefined, { onBasis }));
    // The register is in a shard, too.
    const isWhole = store.shardOf('register') !== missing.shard;
    expect((await of(one)).fixed?.points[0]!.knownAt).toBe(isWhole ? said.recordedAt : undefined);
    expect(
      (await bookmarked(bookmarks, (onBasis) => models.places({}, 'id', { limit: 50 }, { onBasis }))).fixed,
    ).toBeUndefined();
    await project(...ALL);
    const list = await bookmarked(bookmarks, (onBasis) =>
      models.places({}, 'id', { limit: 50 }, { onBasis }),
    );
    expect(list.fixed).toMatchObject({
      points: [{ knownAt: said.recordedAt }],
      ruleset: models.generation.ruleset.version,
    });
    expect((await of(two)).fixed?.points[0]!.knownAt).toBe(missing.recordedAt);
  });

  it('is missing while an event of the same millisecond is missing', async () => {
    const [one] = inShards() as [string];
    await new Promise((done) => setTimeout(done, 3));
    const receipts = (
      await store.append([claim(one, undefined, 'First'), claim(one, undefined, 'Second')])
    ).map(valueOf);
    const [first] = receipts as [(typeof receipts)[0]];
    expect(new Set(receipts.map(({ recordedAt }) => recordedAt)).size).toBe(1);
    await projector.handle(await store.readShard(first.shard, first.position - 1, 1));
    const bookmarks = new Bookmarks(fresh(), (stream) => store.shardOf(stream));
    const ask = () => bookmarked(bookmarks, (onBasis) => models.place(one, undefined, { onBasis }));
    expect((await ask()).fixed).toBeUndefined();
    await project(...ALL);
    const { answer, fixed } = await ask();
    expect(fixed?.points).toEqual([{ asOf: '9999-12-31T23:59:59.999Z', knownAt: first.recordedAt }]);
    const again = await models.place(one, fixed?.points[0]);
    const content = (json: string) =>
      JSON.parse(json, (key, value: unknown) =>
        ['asOf', 'knownAt'].includes(key) ? undefined : value,
      ) as unknown;
    expect(content(again!.json)).toEqual(content(answer!.json));
  });
});

/** Asks a question about the present as the API does. */
async function bookmarked<T>(bookmarks: Bookmarks, ask: (onBasis: Bookmark['onBasis']) => Promise<T>) {
  const bookmark = bookmarks.of([{}]);
  let answer;
  do answer = await ask(bookmark.onBasis);
  while (await bookmark.isOpen());
  return { answer, fixed: bookmark.fixed };
}
