import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { locationState, type LocationId, type BitemporalPoint } from '#libs/domain';
import { EventStore, migrate } from '#libs/log';
import { verify } from '#libs/transparency';
import { createPool } from '#libs/platform';
import { ruleset } from '../support/test-log.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { DAY_MS } from '../support/war-over-time/happening.js';
import { recordOverTime } from '../support/war-over-time/recording.js';
import { warOverTime } from '../support/war-over-time/war-over-time.js';
import { InMemoryProjection } from '../support/in-memory-projection.js';

const COURSE = { seed: 7, places: 60, statements: 800, from: '2025-11-01', days: 30 };
const SHARDS = 4;
const BEGIN = Date.parse('2025-11-01T00:00:00Z');
const war = warOverTime(COURSE);
const dayOf = (at: number | string) =>
  Math.floor(((typeof at === 'string' ? Date.parse(at) : at) - BEGIN) / DAY_MS);

describe('a war over time', () => {
  let database: TestDatabase;
  let pool: pg.Pool;
  beforeAll(async () => {
    database = await freshDatabase(migrate, 'log');
    pool = createPool(database.url, { max: 4 });
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it('is the same for the same seed, and has all that a log can hold', () => {
    expect(warOverTime(COURSE)).toEqual(war);
    expect(warOverTime({ ...COURSE, seed: 8 })).not.toEqual(war);
    expect(new Set(war.map(({ kind }) => kind))).toEqual(
      new Set(['place', 'statement', 'retraction', 'void', 'reinstatement', 'merge', 'unmerge']),
    );
    const late = war.filter(
      (one) => one.kind === 'statement' && one.at - Date.parse(one.statement.source.publishedAt) > DAY_MS,
    );
    expect(late.length).toBeGreaterThan(COURSE.statements / 20);
    expect(war.every(({ at }) => dayOf(at) >= 0 && dayOf(at) < COURSE.days)).toBe(true);
  });

  it('is recorded when it happened, and none of it is refused', async () => {
    expect(await recordOverTime(pool, SHARDS, war, ruleset)).toEqual({ events: war.length, refused: 0 });
    const store = await EventStore.open(pool, { shards: SHARDS });
    expect((await verify(store)).faults).toEqual([]);
    const days = new Set<number>();
    for await (const event of store.readAll()) days.add(dayOf(event.recordedAt));
    expect([...days].toSorted((a, b) => a - b)).toEqual(Array.from({ length: COURSE.days }, (_, day) => day));
    await expect(recordOverTime(pool, SHARDS, war, ruleset)).rejects.toThrow('not empty');
  });

  it('lets a place be looked at day by day, as it was and as it was known', async () => {
    const store = await EventStore.open(pool, { shards: SHARDS });
    const projection = new InMemoryProjection();
    for await (const event of store.readAll()) projection.append(event);
    const stateAt = (place: number, point: BitemporalPoint) =>
      locationState(projection.history(`war-${place}` as LocationId, point), ruleset, point).state;
    const statuses = new Set<string>();
    let learnt = 0;
    for (let place = 0; place < 6; place++)
      for (let day = 0; day < COURSE.days; day++) {
        const asOf = new Date(BEGIN + (day + 1) * DAY_MS - 1).toISOString();
        const [now, then] = [stateAt(place, { asOf }), stateAt(place, { asOf, knownAt: asOf })];
        statuses.add(now.status);
        if (now.status !== then.status) learnt += 1;
      }
    for (const status of ['contested', 'claimed', 'conceded', 'unclaimed'])
      expect(statuses).toContain(status);
    expect(learnt).toBeGreaterThan(0);
  });
});
