import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import {
  type Interval,
  type LocationId,
  PlaceFold,
  type RecordedEvent,
  recordedStatement,
  type Ruleset,
  unregistered,
} from '#libs/domain';
import { createPool } from '#libs/platform';
import { Projector, rebuild, type Generation } from '#libs/projection';
import { digests, newGeneration, openDatabase } from '../../../tests/support/generations.js';
import { Random } from '../../../tests/support/random.js';
import { ruleset, seedLog, TestLog } from '../../../tests/support/test-log.js';
import { HistoryDigest, KeptFolds, type KeptFold } from '../src/kept-folds.js';
import { digestOf } from '../src/tables/etag.js';

let pool: pg.Pool;
let watched: pg.Pool;
let close: () => Promise<void>;
/** The queries that read timelines. */
let reads = 0;
beforeAll(async () => {
  const database = await openDatabase();
  ({ pool } = database);
  watched = createPool(database.url, { max: 4 });
  watched.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, {
      query: (...args: unknown[]) => {
        const { text } = args[0] as { text?: string };
        if (text?.includes('string_agg(said')) reads += 1;
        return query(...args);
      },
    });
  });
  close = async () => {
    await watched.end();
    await database.close();
  };
});
afterAll(() => close());

let log: TestLog;
let generation: Generation;
let projector: Projector;
let serial = 0;
beforeEach(async () => {
  log = new TestLog();
  ({ generation } = await newGeneration(pool, log, `k${(serial += 1)}`));
  projector = new Projector(watched, log, generation);
  reads = 0;
});

/** The rows are those of a generation that is made of the whole log at once. */
async function expectAsAnew(events: readonly RecordedEvent[] = log.events): Promise<void> {
  const anew = await newGeneration(pool, log, `k${(serial += 1)}`);
  await anew.projector.handle(events);
  expect(await digests(pool, generation)).toEqual(await digests(pool, anew.generation));
}

const day = (at: number) => new Date(Date.parse('2025-01-01') + at * 86_400_000).toISOString();
const DENIAL = { stance: 'deny', speaker: { party: 'ukraine' } };

describe('kept folds', () => {
  it('spare reading the timeline, until something else than a statement comes', async () => {
    const first = log.claim('a', { statedAt: day(5) });
    await projector.handle([first]);
    expect(reads).toBe(1);
    for (const at of [6, 7, 3, 7]) await projector.handle([log.claim('a', { ...DENIAL, statedAt: day(at) })]);
    await projector.handle([log.claim('a', { statedAt: day(8) }), log.claim('b'), log.claim('a', DENIAL)]);
    expect(reads).toBe(2);
    await projector.handle([log.retract(first, day(9))]);
    expect(reads).toBe(3);
    await projector.handle([log.mark(first, true)!]);
    await projector.handle(log.command({ kind: 'reconcile', id: 'a', names: [{ name: 'Hama' }] }));
    expect(reads).toBe(5);
    await projector.handle([log.claim('a', { statedAt: day(10) })]);
    expect(reads).toBe(5);
    await expectAsAnew();
  });

  it('are not used after another projector has moved the place', async () => {
    const other = new Projector(pool, log, generation);
    for (let at = 0; at < 12; at++) {
      const said = log.claim('a', { ...(at % 3 === 0 && DENIAL), statedAt: day((at * 5) % 12) });
      await (at % 4 < 2 ? projector : other).handle([said]);
    }
    await expectAsAnew();
  });

  it('are not those of what was rolled back', async () => {
    await projector.handle([log.claim('a', { statedAt: day(1) })]);
    const broken = `alter table ${generation.schema}.checkpoint add constraint broken check (position < 2)`;
    await pool.query(broken);
    const denied = log.claim('a', { ...DENIAL, statedAt: day(2) });
    await expect(projector.handle([denied])).rejects.toThrow('broken');
    await pool.query(`alter table ${generation.schema}.checkpoint drop constraint broken`);
    await projector.handle([denied]);
    await projector.handle([log.claim('a', { statedAt: day(3) })]);
    await expectAsAnew();
  });

  it('are not used for another ruleset, nor lost where a rebuild makes the same rows', async () => {
    const next: Ruleset = { ...ruleset, version: 'next' };
    const versions: Record<string, Ruleset> = { next, [ruleset.version]: ruleset };
    projector = new Projector(watched, log, { ...generation, load: async (version) => versions[version]! });
    const say = (at: number) => projector.handle([log.claim('a', { statedAt: day(at) })]);
    await say(1);
    await say(2);
    await rebuild(pool, log, ruleset, { schema: generation.schema });
    await say(3);
    expect(reads).toBe(1);
    await rebuild(pool, log, next, { schema: generation.schema });
    await say(4);
    expect(reads).toBe(2);
    const rows = await digests(pool, generation);
    await rebuild(pool, log, next, { schema: generation.schema });
    expect(await digests(pool, generation)).toEqual(rows);
  });

  it('go on with a long timeline, whose history is digested piece by piece', async () => {
    const events = Array.from({ length: 150 }, (_, at) =>
      log.claim('a', { ...(at % 2 === 0 && DENIAL), statedAt: day(Math.floor(at * 0.7)) }),
    );
    for (let at = 0; at < events.length; at += 7) await projector.handle(events.slice(at, at + 7));
    expect(reads).toBe(1);
    await expectAsAnew();
  });

  for (const seed of [71, 72, 73])
    it(`of two projectors with any room give the same rows (${seed})`, async () => {
      log = seedLog(seed, 120, 2);
      const random = new Random(seed);
      const projectors = [0, 15, 1000].map(
        (keptStatements) => new Projector(pool, log, generation, { keptStatements }),
      );
      for (let at = 0; at < log.events.length;) {
        const some = log.events.slice(at, (at += random.int(1, 6)));
        await random.pick(projectors).handle(structuredClone(some));
      }
      await expectAsAnew();
    });
});

describe('the memory of folds', () => {
  const fold = (id: string, statements: number): KeptFold => ({
    id: id as LocationId,
    fold: new PlaceFold(
      {
        places: [unregistered(id as LocationId)],
        touches: [],
        timeline: Array.from({ length: statements }, () => recordedStatement(log.claim(id))),
      },
      ruleset,
    ),
    rows: { etag: `"${id}"` } as KeptFold['rows'],
    digest: new HistoryDigest(),
  });

  it('has a bound, and forgets first what was used least recently', () => {
    const folds = new KeptFolds(60);
    folds.keep(['a', 'b', 'c'].map((id) => fold(id, 10)));
    folds.keep([folds.take('a' as LocationId, '"a"')!]);
    const full = folds.size;
    expect(full).toBeLessThanOrEqual(60);
    folds.keep([fold('d', 20)]);
    expect(folds.size).toBeLessThanOrEqual(60);
    expect([...folds.values()].map(({ id }) => id)).toEqual(['c', 'a', 'd']);
    folds.keep([fold('e', 100)]);
    expect([...folds.values()]).toEqual([]);
    expect(folds.size).toBe(0);
  });

  it('gives a fold only for its own row, and once', () => {
    const folds = new KeptFolds();
    const a = 'a' as LocationId;
    folds.keep([fold('a', 1)]);
    expect(folds.take(a, '"other"')).toBeUndefined();
    expect(folds.take(a, '"a"')).toBeUndefined();
    folds.keep([fold('a', 1)]);
    expect(folds.take(a, '"a"')).toMatchObject({ id: 'a' });
    expect(folds.take(a, '"a"')).toBeUndefined();
    expect(folds.size).toBe(0);
  });
});

it('the digest of a history that goes on is that of its JSON', () => {
  const random = new Random(4);
  const digest = new HistoryDigest();
  const interval = (at: number): Interval => ({
    from: day(at),
    to: null,
    status: 'claimed',
    rule: '',
    holders: [],
    eventId: `e${at}`,
  });
  let history: Interval[] = [];
  for (let at = 0; at < 300; at++) {
    if (random.chance(0.02))
      history = history.slice(0, random.int(0, history.length)).map((one) => ({ ...one }));
    if (random.chance(0.2)) history.pop();
    history = [...history.slice(0, -1), ...history.slice(-1).map((one) => ({ ...one })), interval(at)];
    expect(digest.of(history)).toBe(digestOf(JSON.stringify(history)));
  }
});
