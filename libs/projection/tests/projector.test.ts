import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { createPool } from '#libs/platform';
import {
  createGeneration,
  findGeneration,
  type LogArchive,
  Projector,
  rebuild,
  type Generation,
} from '#libs/projection';
import { ProjectionWaiter, readLag } from '#libs/queries';
import { digests, newGeneration, openDatabase, rowsOf, TABLES } from '../../../tests/support/generations.js';
import { ruleset, seedLog, TestLog } from '../../../tests/support/test-log.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';

let pool: pg.Pool;
let url: string;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ pool, url, close } = await openDatabase());
});
afterAll(() => close());

let log: TestLog;
let generation: Generation;
let projector: Projector;
let models: ModelQueries;
let serial = 0;
beforeEach(async () => {
  log = new TestLog();
  ({ generation, projector, models } = await newGeneration(pool, log, `p${(serial += 1)}`));
});

const status = async (id: string) => {
  const answer = await models.place(id);
  return answer && (JSON.parse(answer.json) as { status: string }).status;
};
/** A state without the time and the position of its last event. */
const lasting = async (id: string) => ({ ...(await state(id)), token: null, lastRecordedAt: null });
const state = async (id: string) => JSON.parse((await models.place(id))!.json) as Record<string, unknown>;

describe('the projector', () => {
  it('skips what it has applied', async () => {
    const log = seedLog(5, 60);
    await projector.handle(log.events);
    const before = await digests(pool, generation);
    await projector.handle(log.events.slice(0, 20));
    await projector.handle([...log.events, ...log.events]);
    expect(await digests(pool, generation)).toEqual(before);
  });

  it('reads what it missed from the log, and says so', async () => {
    const log = seedLog(6, 80);
    const warnings: object[] = [];
    const own = await newGeneration(pool, log, 'gaps');
    const projector = new Projector(pool, log, own.generation, {
      log: { warn: (details) => warnings.push(details) },
    });
    const shard = log.events[0]!.shard;
    const { length } = log.of(shard);
    await projector.handle(log.of(shard).slice(0, 2));
    await projector.handle([log.of(shard).at(-1)!]);
    expect(warnings).toEqual([{ shard, after: 2, before: length }]);
    await projector.handle(log.events.filter((event) => event.shard !== shard));
    await projector.handle(log.events);
    const whole = await newGeneration(pool, log, 'nogaps');
    await whole.projector.handle(log.events);
    expect(await digests(pool, own.generation)).toEqual(await digests(pool, whole.generation));
  });

  it('applies nothing that the log in its database does not have: it has gone back since that was read', async () => {
    const careful = new Projector(pool, log, generation, { inLog: true });
    const before = await digests(pool, generation);
    await expect(careful.handle([log.claim('a')])).rejects.toThrow('the log does not have these events');
    expect(await digests(pool, generation)).toEqual(before);
    await projector.handle(log.events);
    expect(await digests(pool, generation)).not.toEqual(before);
  });

  it('applies nothing beyond an event that the log itself has lost', async () => {
    const claims = [1, 2, 3].map(() => log.claim('a'));
    const lossy = new Projector(pool, { heads: () => log.heads(), readShard: async () => [] }, generation);
    await expect(lossy.handle([claims[2]!])).rejects.toThrow(`${claims[0]!.shard}:1`);
    expect(await models.place('a')).toBeUndefined();
  });

  it('leaves nothing behind where it is cut off', async () => {
    const claim = log.claim('a');
    await projector.handle([claim]);
    const before = await Promise.all(TABLES.map((table) => rowsOf(pool, generation.schema, table)));
    // The last write of a transaction fails, after all others.
    await pool.query(
      `alter table ${generation.schema}.checkpoint add constraint broken check (position < 2)`,
    );
    const events = [
      log.claim('a'),
      log.claim('b'),
      ...log.command({ kind: 'reconcile', id: 'a', names: [{ name: 'Hama' }] }),
    ];
    await expect(projector.handle(events.filter(({ shard }) => shard === claim.shard))).rejects.toThrow(
      'broken',
    );
    expect(await Promise.all(TABLES.map((table) => rowsOf(pool, generation.schema, table)))).toEqual(before);
    await pool.query(`alter table ${generation.schema}.checkpoint drop constraint broken`);
    await projector.handle(events);
    expect(await state('a')).toMatchObject({ statements: 2, name: 'Hama' });
  });

  it('says why the database refuses a row, and goes on by the same connection', async () => {
    const one = createPool(url, { max: 1 });
    const alone = new Projector(one, log, generation);
    const timeline = `${generation.schema}.timeline`;
    await pool.query(`alter table ${timeline} add constraint affirmed check (stance = 'assert')`);
    const events = [log.claim('a'), log.claim('a', { stance: 'deny', speaker: { party: 'ukraine' } })];
    await expect(alone.handle(events)).rejects.toThrow('affirmed');
    await pool.query(`alter table ${timeline} drop constraint affirmed`);
    await alone.handle(events);
    expect(await status('a')).toBe('contested');
    await one.end();
  });

  it('is stopped by what is in no log, and says what it is', async () => {
    const claim = log.claim('a');
    log.mark(claim, true);
    const alone = { ...log.events[1]!, position: 1 };
    await expect(projector.handle([alone])).rejects.toThrow('which is not in the timeline');
  });

  it('follows late, retracted, voided and reinstated statements', async () => {
    const claim = log.claim('a');
    const denied = log.claim('a', { stance: 'deny', speaker: { party: 'ukraine' }, statedAt: '2025-11-21' });
    await projector.handle(log.events);
    expect(await status('a')).toBe('contested');
    const retraction = log.retract(denied, '2025-11-22');
    await projector.handle([retraction]);
    expect(await status('a')).toBe('claimed');
    await projector.handle([log.mark(denied, true, retraction.data.retractionId)!]);
    expect(await status('a')).toBe('contested');
    await projector.handle([log.mark(denied, false, retraction.data.retractionId)!]);
    expect(await status('a')).toBe('claimed');
    await projector.handle([log.mark(claim, true)!]);
    expect(await status('a')).toBe('unclaimed');
    await projector.handle([log.mark(claim, false)!]);
    expect(await status('a')).toBe('claimed');
    await projector.handle([
      log.claim('a', {
        stance: 'deny',
        speaker: { party: 'ukraine' },
        statedAt: '2025-11-01',
        source: { publishedAt: '2025-11-30' },
      }),
    ]);
    expect(await models.history('a', {}, { limit: 50 })).toMatchObject({
      items: [{ status: 'denied' }, { status: 'contested', to: null }],
    });
    expect(await status('a')).toBe('contested');
  });

  it('joins places that are merged and parts them again, exactly', async () => {
    log.mention('a');
    log.command({ kind: 'reconcile', id: 'town', names: [{ name: 'Town' }], country: 'UA' });
    log.claim('a', { location: { name: 'Towne', country: 'UA' } });
    log.claim('town', { stance: 'deny', speaker: { party: 'ukraine' } });
    await projector.handle(log.events);
    const before = [await lasting('a'), await lasting('town')];
    expect(before).toMatchObject([{ status: 'claimed' }, { status: 'denied' }]);

    await projector.handle(log.command({ kind: 'merge', id: 'a', into: 'town' }));
    expect(await state('a')).toMatchObject({
      id: 'town',
      mergedFrom: 'a',
      status: 'contested',
      merged: ['a'],
    });
    expect(await state('town')).toMatchObject({
      status: 'contested',
      names: [{ name: 'Town' }, { name: 'Towne', kind: 'alias' }],
    });
    expect(await rowsOf(pool, generation.schema, 'location_state')).toHaveLength(1);
    // Statements about the merged place are about the whole.
    await projector.handle([
      log.claim('a', { speaker: { party: 'ukraine' }, claim: { predicate: 'withdrew', actor: 'ukraine' } }),
    ]);
    expect(await state('town')).toMatchObject({ statements: 3 });
    await projector.handle([log.mark(log.events.at(-1) as never, true)!]);

    await projector.handle(log.command({ kind: 'unmerge', id: 'a' }));
    expect([await lasting('a'), await lasting('town')]).toEqual(before);
  });

  it('takes claims before the registration of their place', async () => {
    const registered = log.command({
      kind: 'reconcile',
      id: 'b',
      names: [{ name: 'Bakhmut' }],
      coordinates: [38, 48.6],
    });
    const claim = log.claim('b');
    await projector.handle([claim]);
    expect(await state('b')).toMatchObject({
      name: 'b',
      coordinates: null,
      flags: [{ flag: 'provisional' }],
    });
    await projector.handle(registered);
    expect(await state('b')).toMatchObject({ name: 'Bakhmut', coordinates: [38, 48.6], flags: [] });
  });

  it('leaves rows alone that are as they were', async () => {
    log.command({ kind: 'reconcile', id: 'a', names: [{ name: 'A' }] });
    log.claim('a');
    await projector.handle(log.events);
    const versions = async (table: string) =>
      (await pool.query<{ xmin: string }>(`select xmin::text from ${generation.schema}.${table} order by 1`))
        .rows;
    const [location, history] = [await versions('location'), await versions('state_history')];
    await projector.handle([log.claim('a', { claim: { predicate: 'fighting' }, statedAt: '2025-11-25' })]);
    expect(await versions('state_history')).toEqual(history);
    expect(await versions('location')).toEqual(location);
  });

  it('reports its progress, and notifies those who wait', async () => {
    const claims = [log.claim('a'), log.claim('a')];
    const token = new Map([[claims[1]!.shard, claims[1]!.position]]);
    const watching = createPool(url, { max: 3 });
    const waiter = new ProjectionWaiter(watching, generation, { pollMs: 60_000 });
    expect(await waiter.waitFor(new Map(), 0)).toBe(true);
    expect(await waiter.waitFor(token, 0)).toBe(false);
    expect(await waiter.waitFor(token, 30)).toBe(false);
    const gone = new AbortController();
    const given = waiter.waitFor(token, 60_000, gone.signal);
    gone.abort();
    expect(await given).toBe(false);
    const waiting = waiter.waitFor(token, 20_000);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await readLag(models, log)).toContainEqual({
      shard: claims[0]!.shard,
      checkpoint: 0,
      head: 2,
      lag: { events: 2, seconds: expect.any(Number) as unknown as number },
    });
    await projector.handle(claims);
    expect(await waiting).toBe(true);
    expect(await waiter.waitFor(token, 0)).toBe(true);
    expect((await readLag(models, log)).every(({ lag }) => lag.events === 0 && lag.seconds === 0)).toBe(true);
    expect(await models.checkpoints()).toEqual(token);
    const never = waiter.waitFor(new Map([[0, 1_000_000]]), 60_000);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await waiter.close();
    expect(await never).toBe(false);
    await watching.end();
  });
});

describe('generations', () => {
  it('are made once, with one ruleset', async () => {
    // As processes that start at once: they have looked before, on the same connection, and found none.
    await Promise.all([1, 2, 3].map(() => findGeneration(pool, 'once')));
    await Promise.all([1, 2, 3].map(() => createGeneration(pool, ruleset, 'once')));
    expect(await findGeneration(pool, 'once')).toMatchObject({
      schema: 'once',
      rulesetVersion: ruleset.version,
    });
    await expect(createGeneration(pool, { ...ruleset, version: 'other' }, 'once')).rejects.toThrow('other');
    expect(await findGeneration(pool, 'none')).toBeUndefined();
  });

  it('are rebuilt with progress, under another ruleset too', async () => {
    const log = seedLog(9, 100);
    const progress: string[] = [];
    const { events, differing } = await rebuild(
      pool,
      log,
      { ...ruleset, version: 'next' },
      { schema: 'rebuilt', onProgress: (done, total) => progress.push(`${done}/${total}`) },
    );
    expect(events).toBe(log.events.length);
    expect(differing).toBeNull();
    expect(progress.at(-1)).toBe(`${events}/${events}`);
    expect(await findGeneration(pool, 'rebuilt')).toMatchObject({ rulesetVersion: 'next' });
  });

  it('stay as they were where a rebuild is cut off', async () => {
    const log = seedLog(10, 60);
    const { generation, projector } = await newGeneration(pool, log, 'kept');
    await projector.handle(log.events);
    const before = await digests(pool, generation);
    const gone = new AbortController();
    await expect(
      rebuild(pool, log, ruleset, { schema: 'kept', signal: gone.signal, onProgress: () => gone.abort() }),
    ).rejects.toThrow('abort');
    const broken: LogArchive = {
      shards: log.shards,
      heads: () => log.heads(),
      readShard: async (shard, after, limit) =>
        (await log.readShard(shard, after, limit)).filter(({ position }) => position !== 3),
      async *readByStream(shard, upTo) {
        for await (const page of log.readByStream(shard, upTo))
          yield page.filter(({ position }) => position !== 3);
      },
    };
    await expect(rebuild(pool, broken, ruleset, { schema: 'kept' })).rejects.toThrow(
      /the log has no event \d:3/,
    );
    expect(await digests(pool, generation)).toEqual(before);
    const { rows } = await pool.query(`select nspname from pg_namespace where nspname like 'kept_%'`);
    expect(rows).toEqual([]);
  });

  it('can be rebuilt again at once, however late the server notices the end of a connection', async () => {
    const log = seedLog(11, 20);
    const closed: Promise<void>[] = [];
    const connect = async () => {
      const client = await pool.connect();
      const release = client.release.bind(client);
      client.release = (lost) => (lost ? void closed.push(sleep(300).then(() => release(lost))) : release());
      return client;
    };
    const late = { connect, query: pool.query.bind(pool) } as unknown as pg.Pool;
    for (let turn = 0; turn < 2; turn++)
      expect(await rebuild(late, log, ruleset, { schema: 'again' })).toMatchObject({
        events: log.events.length,
      });
    await Promise.all(closed);
  });
});
