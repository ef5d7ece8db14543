import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { EVENT_TYPES, type Instant, type RecordedEvent } from '#libs/domain';
import { rangeEnd, EventStore, positionsIn, type RangeBound, type RangeFilter } from '#libs/log';
import { Random } from '../../../tests/support/random.js';
import { all, claim, logDatabase, openStore, registration } from '../../../tests/support/opened-store.js';

const START = Date.parse('2025-11-01T00:00:00.000Z');
const HOUR_MS = 3_600_000;
const PLACES = Array.from({ length: 30 }, (_, at) => `place-${at}`);

// A log of 100 hours, with silent ones in it, whose times are known.
describe('a range of the log', () => {
  let log: Awaited<ReturnType<typeof openStore>>;
  let store: EventStore;
  let everything: RecordedEvent[];
  let now = START;
  const at = (hours: number): Instant => new Date(START + hours * HOUR_MS).toISOString();

  beforeAll(async () => {
    log = await openStore({ shards: 5, clock: () => new Date(now).toISOString() });
    ({ store } = log);
    const random = new Random(11);
    for (let hour = 0; hour < 100; hour++) {
      now = START + hour * HOUR_MS;
      if (random.chance(0.3)) continue;
      await store.append(
        Array.from({ length: random.int(1, 40) }, () =>
          random.chance(0.05) ? registration(`r-${random.int(1, 9)}`) : claim(random.pick(PLACES)),
        ),
      );
    }
    everything = await all(store.readAll());
  });
  afterAll(() => log.close());

  const held = (bound: RangeBound, { shard, position, recordedAt }: RecordedEvent, inclusive: boolean) =>
    typeof bound === 'string'
      ? recordedAt < bound || (inclusive && recordedAt === bound)
      : position <= (bound.get(shard) ?? 0);
  const expected = ({ after = new Map(), from, to, streams, types }: RangeFilter) =>
    everything.filter(
      (event) =>
        !held(after, event, true) &&
        !(from !== undefined && held(from, event, false)) &&
        (to === undefined || held(to, event, true)) &&
        (!streams || streams.includes(event.stream)) &&
        (!types || types.includes(event.type)),
    );

  const reading = async (wanted: RangeFilter, pageSize?: number) => {
    const range = await store.range(wanted);
    const rows: { eventId: string }[] = [];
    for await (const row of store.readRange(range, pageSize)) rows.push(row);
    let lines = '';
    let counted = 0;
    for await (const slice of store.readLines(range, pageSize)) {
      lines += slice.lines;
      counted += slice.events;
      const last = JSON.parse(slice.lines.trimEnd().split('\n').at(-1)!) as RecordedEvent;
      expect(last).toMatchObject({
        shard: slice.shard,
        position: slice.position,
        recordedAt: slice.recordedAt,
      });
    }
    return { range, rows: rows.map(({ eventId }) => eventId), lines, counted };
  };

  const token = (positions: Record<number, number>) =>
    new Map(Object.entries(positions).map(([shard, position]) => [Number(shard), position]));

  test.each<[string, () => RangeFilter]>([
    ['is all of it', () => ({})],
    ['begins after a token', () => ({ after: token({ 0: 3, 2: 10 }) })],
    [
      'begins at a time and ends at one, both included',
      () => ({ from: everything[200]!.recordedAt, to: everything[600]!.recordedAt }),
    ],
    ['begins between times', () => ({ from: at(40.5), to: at(60.5) })],
    ['before the log began, after it ended', () => ({ from: at(-1), to: at(1000) })],
    ['after the log ended: nothing', () => ({ from: at(1000) })],
    ['ends before the log began: nothing', () => ({ to: at(-1) })],
    [
      'from a token to a token, which holds nothing of a shard that it does not name',
      () => ({ from: token({ 0: 3, 1: 5 }), to: token({ 0: 50, 1: 20, 3: 7 }) }),
    ],
    ['from a time to a token', () => ({ from: at(10), to: token({ 0: 500, 2: 40 }) })],
    [
      'the later of where it begins and where one was',
      () => ({ after: token({ 0: 3, 1: 100 }), from: at(20) }),
    ],
    ['of some places', () => ({ streams: ['place-1', 'place-2', 'place-17', 'nowhere'] })],
    ['of the register', () => ({ streams: ['register'], from: at(20) })],
    ['of a rare type', () => ({ types: ['location.registered'] })],
    ['of no event there is', () => ({ types: ['location.merged'] })],
    ['of all types', () => ({ types: EVENT_TYPES, to: at(50) })],
    [
      'of places and types',
      () => ({ streams: [...PLACES, 'register'], types: ['claim.asserted'], from: at(30), to: at(31) }),
    ],
  ])('%s', async (_, wanted) => {
    const events = expected(wanted());
    for (const pageSize of [undefined, 60]) {
      const { rows, lines, counted, range } = await reading(wanted(), pageSize);
      expect(rows).toEqual(events.map(({ eventId }) => eventId));
      expect(lines).toBe(events.map((event) => `${JSON.stringify(event)}\n`).join(''));
      expect(counted).toBe(events.length);
      if (!wanted().streams && !wanted().types) expect(positionsIn(range)).toBe(events.length);
      for (const { shard, position } of events)
        expect(position).toBeLessThanOrEqual(rangeEnd(range).get(shard)!);
    }
  });

  test('does not change while the log grows', async () => {
    const range = await store.range({ from: at(90) });
    const before = positionsIn(range);
    now = START + 100 * HOUR_MS;
    await store.append([claim('place-1'), claim('place-2')]);
    let seen = 0;
    for await (const _row of store.readRange(range)) seen += 1;
    expect(seen).toBe(before);
    everything = await all(store.readAll());
  });

  test('lines are of the newest form, where events were written in an older one', async () => {
    const upcasters = { 'claim.asserted': { 1: (data: unknown) => ({ ...(data as object), newer: true }) } };
    const opened = await EventStore.open(log.pool, { shards: 5, upcasters });
    const events: string[] = [];
    for await (const { lines } of opened.readLines(
      await opened.range({ types: ['claim.asserted'], to: at(3) }),
    ))
      events.push(lines);
    expect(events.length).toBeGreaterThan(0);
    expect(
      events.every(
        (line) => (JSON.parse(line) as { data: object; schemaVersion: number }).schemaVersion === 2,
      ),
    ).toBe(true);
  });
});

/** 60,000 events on 3,000 places in 4 shards, straight into the tables. */
const FILL = `
  insert into claimline.events (shard, position, recorded_at, event_id, type, stream, digest, chain, body)
  select n % 4, n / 4 + 1, timestamptz '2025-01-01' + n * interval '1 second', md5(n::text)::uuid,
    case when n % 50 = 0 then 'location.registered' else 'claim.asserted' end,
    'place-' || n % 3000, '', '', rpad('{', 500, ' ') || '}'
  from generate_series(0, 59999) n;
  update claimline.heads set position = 15000, recorded_at = '2025-02-01';
  analyze claimline.events`;

test('no query of a range reads the log without an index, or much more of it than a page', async () => {
  const { pool, close } = await logDatabase();
  await EventStore.open(pool, { shards: 4 });
  await pool.query(FILL);
  const faults: string[] = [];
  let explained = 0;
  const watched = {
    query: async (query: string | pg.QueryConfig) => {
      if (typeof query === 'object' && query.text.includes('claimline.events')) {
        const { rows } = await pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>({
          text: `explain (analyze, format json) ${query.text}`,
          values: query.values ?? [],
        });
        faults.push(...faultsOf(rows[0]!['QUERY PLAN'][0].Plan));
        explained += 1;
      }
      return pool.query(query as pg.QueryConfig);
    },
  };
  const store = await EventStore.open(watched as unknown as pg.Pool, { shards: 4 });
  const wants: RangeFilter[] = [
    { from: '2025-01-01T03:00:00.000Z', to: '2025-01-01T04:00:00.000Z' },
    { types: ['location.registered'] },
    { types: ['location.merged'] },
    { streams: ['place-7', 'place-8', 'place-9'] },
  ];
  for (const wanted of wants) {
    const range = await store.range(wanted);
    let found = 0;
    for await (const _row of store.readRange(range)) found += 1;
    for await (const { events } of store.readLines(range)) found -= events;
    expect(found).toBe(0);
  }
  await close();
  expect(explained).toBeGreaterThanOrEqual(30);
  expect(faults).toEqual([]);
});

interface Plan {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  Plans?: Plan[];
}

function faultsOf(plan: Plan): string[] {
  const { 'Node Type': node, 'Relation Name': table, 'Actual Rows': rows, Plans = [] } = plan;
  const wrong = table === 'events' && (node === 'Seq Scan' || rows > 1000);
  return [...(wrong ? [`${node} of ${rows} rows`] : []), ...Plans.flatMap(faultsOf)];
}
