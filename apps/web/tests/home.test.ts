import { describe, expect, it } from '@jest/globals';
import type { MapChanges, MapPlaces, Status } from '../src/api/answers.js';
import { DAY_MS, dateOf, daysOf, endOf, monthFrom, monthOf, positionOf } from '../src/language/days.js';
import { countsOf, filtered, filterOf, ordered } from '../src/home/filter.js';
import { boxOf } from '../src/home/look.js';
import { type Row, rowsAt, rowsOf, turnsOf } from '../src/home/rows.js';

const row = (id: string, change: Partial<Row> = {}): Row => ({
  id,
  name: id,
  position: [37, 49],
  isReported: false,
  status: 'claimed',
  since: Date.parse('2025-11-20'),
  lastSaid: Date.parse('2025-11-21'),
  claims: [{ holder: 'russia', claiming: ['russia'], denying: [], conceding: [] }],
  flags: [],
  region: 'Kharkiv',
  ...change,
});

const ANSWER: MapPlaces = {
  kind: 'places',
  asOf: null,
  knownAt: null,
  rulesetVersion: '1',
  token: '0:1',
  count: 2,
  withoutCoordinates: 1,
  statuses: ['contested', 'unclaimed'],
  time: { base: '2025-11-20T00:00:00.000Z', unit: DAY_MS },
  parties: ['russia', 'ukraine'],
  regions: ['Kharkiv'],
  controls: [
    [],
    [
      { holder: 0, known: true, standing: 'claimed', claiming: [0], denying: [], conceding: [] },
      { holder: 1, known: true, standing: 'disputed', claiming: [1], denying: [0], conceding: [] },
    ],
  ],
  flagSets: [[], [{ flag: 'fighting', holder: null, asserting: [1], denying: [] }]],
  columns: {
    id: ['a', 'b'],
    name: ['Anna', 'Borova'],
    lon: [37.6, null],
    lat: [49.7, null],
    status: [0, 1],
    since: [1, null],
    lastSaid: [2, null],
    control: [1, 0],
    flags: [1, 0],
    region: [0, null],
  },
  reported: [0],
};

describe('the places of the map', () => {
  it('are read from columns and their dictionaries', () => {
    expect(rowsOf(ANSWER)).toEqual([
      {
        id: 'a',
        name: 'Anna',
        position: [37.6, 49.7],
        isReported: true,
        status: 'contested',
        since: Date.parse('2025-11-21'),
        lastSaid: Date.parse('2025-11-22'),
        claims: [
          { holder: 'russia', claiming: ['russia'], denying: [], conceding: [] },
          { holder: 'ukraine', claiming: ['ukraine'], denying: ['russia'], conceding: [] },
        ],
        flags: ['fighting'],
        region: 'Kharkiv',
      },
      {
        id: 'b',
        name: 'Borova',
        position: null,
        isReported: false,
        status: 'unclaimed',
        since: null,
        lastSaid: null,
        claims: [],
        flags: [],
        region: null,
      },
    ]);
  });

  it('are those of a day within a loaded month', () => {
    // Given a place that was claimed on the 2nd and contested on the 4th, and one that did not change
    const changes = turnsOf({
      count: 2,
      time: { base: '2025-11-01T00:00:00.000Z', unit: DAY_MS },
      statuses: ['unclaimed', 'claimed', 'contested'],
      parties: ['russia', 'ukraine'],
      stages: [
        { status: 0, holders: [] },
        { status: 1, holders: [0] },
        { status: 2, holders: [0, 1] },
      ],
      places: ['a'],
      columns: { place: [0, 0], at: [1, 3], before: [0, 1], after: [1, 2] },
    } satisfies MapChanges);
    const still = row('b');
    const frame = { rows: [row('a', { status: 'contested' }), still], changes };
    // When the clock shows the days before, between and after
    const statusOn = (date: string) => rowsAt(frame, endOf(date)).map(({ status }) => status);
    // Then
    expect(statusOn('2025-11-01')).toEqual(['unclaimed', 'claimed']);
    expect(statusOn('2025-11-02')).toEqual(['claimed', 'claimed']);
    expect(statusOn('2025-11-03')).toEqual(['claimed', 'claimed']);
    expect(statusOn('2025-11-04')).toEqual(['contested', 'claimed']);
    expect(rowsAt(frame, endOf('2025-11-03'))[0]).toMatchObject({
      since: Date.parse('2025-11-02'),
      claims: [{ holder: 'russia' }],
    });
    expect(rowsAt(frame, endOf('2025-11-03'))[1]).toBe(still);
  });
});

describe('the filter', () => {
  const rows = [
    row('a', { status: 'contested', flags: ['fighting'] }),
    row('b', { claims: [{ holder: 'ukraine', claiming: ['ukraine'], denying: [], conceding: [] }] }),
    row('c', { region: null, flags: ['fighting', 'partial'] }),
  ];
  const ids = (query: Record<string, string>) => filtered(rows, filterOf(query)).map(({ id }) => id);

  it('shows what meets all of it', () => {
    expect(ids({})).toEqual(['a', 'b', 'c']);
    expect(ids({ status: 'contested,denied' })).toEqual(['a']);
    expect(ids({ side: 'russia', flag: 'fighting' })).toEqual(['a', 'c']);
    expect(ids({ region: 'Kharkiv', status: 'claimed' })).toEqual(['b']);
  });

  it('counts what another choice would show: its own facet does not narrow it', () => {
    const { status, side, flag, region } = countsOf(rows, filterOf({ status: 'claimed' }));
    expect(status).toEqual([
      { value: 'claimed', count: 2 },
      { value: 'contested', count: 1 },
    ]);
    expect(side).toEqual([
      { value: 'russia', count: 1 },
      { value: 'ukraine', count: 1 },
    ]);
    expect(flag).toEqual([
      { value: 'fighting', count: 1 },
      { value: 'partial', count: 1 },
    ]);
    expect(region).toEqual([{ value: 'Kharkiv', count: 1 }]);
  });

  it('orders by name, by the last change, and by the last statement', () => {
    const mixed = [
      row('x', { name: 'Їжівка', since: 3, lastSaid: 1 }),
      row('y', { name: 'Ізюм', since: 1, lastSaid: 9 }),
      row('z', { name: 'Балаклія', since: null, lastSaid: null }),
    ];
    const order = (by: 'name' | 'changed' | 'said') => ordered(mixed, by, 'uk').map(({ id }) => id);
    expect(order('name')).toEqual(['z', 'y', 'x']);
    expect(order('changed')).toEqual(['x', 'y', 'z']);
    expect(order('said')).toEqual(['y', 'x', 'z']);
  });
});

describe('the days of the clock', () => {
  const days = daysOf({
    count: 5,
    first: '2025-10-30',
    statuses: ['claimed' satisfies Status],
    columns: { day: [0, 2, 40], count: [3, 1, 1], status: [[3, 1, 1]] },
  });

  it('reach from the first change to the last, the present behind them', () => {
    expect(days.dates).toHaveLength(41);
    expect([days.dates[0], days.dates.at(-1), days.most]).toEqual(['2025-10-30', '2025-12-09', 3]);
    expect(days.counts.slice(0, 4)).toEqual([3, 0, 1, 0]);
    expect(positionOf(undefined, days)).toBe(41);
  });

  it('know the position of any moment', () => {
    expect(positionOf('2025-11-01', days)).toBe(2);
    expect(positionOf('2025-11-01T08:00:00Z', days)).toBe(2);
    expect(positionOf('1999-01-01', days)).toBe(0);
    expect(positionOf('2030-01-01', days)).toBe(40);
  });

  it('step by months, to their last day where they are shorter', () => {
    expect(days.dates[monthFrom(positionOf('2025-10-31', days), 1, days)]).toBe('2025-11-30');
    expect(monthFrom(positionOf('2025-11-02', days), -1, days)).toBe(0);
    expect(monthFrom(positionOf('2025-12-01', days), 1, days)).toBe(41);
  });

  it('end with the last millisecond, and months with their last day', () => {
    expect(new Date(endOf('2025-11-20')).toISOString()).toBe('2025-11-20T23:59:59.999Z');
    expect(monthOf('2024-02-10')).toEqual({ from: '2024-02-01', to: '2024-02-29' });
    expect(dateOf(endOf('2025-11-20'))).toBe('2025-11-20');
  });

  it('are none where nothing changed', () => {
    expect(
      daysOf({ count: 0, first: null, statuses: [], columns: { day: [], count: [], status: [] } }),
    ).toEqual({ dates: [], counts: [], most: 0 });
  });
});

describe('the part of the world that a map asks for', () => {
  const sides = (...[extent, zoom]: Parameters<typeof boxOf>) =>
    boxOf(extent, zoom).bbox.split(',').map(Number);

  it('holds the window, and small moves ask for the same', () => {
    const [west, south, east, north] = sides([30.1, 46.2, 38.9, 50.7], 6.2) as [
      number,
      number,
      number,
      number,
    ];
    expect(west).toBeLessThanOrEqual(30.1);
    expect(south).toBeLessThanOrEqual(46.2);
    expect(east).toBeGreaterThanOrEqual(38.9);
    expect(north).toBeGreaterThanOrEqual(50.7);
    expect(boxOf([30.2, 46.3, 38.8, 50.65], 5.9)).toEqual(boxOf([30.1, 46.2, 38.9, 50.7], 6.2));
  });

  it('is the whole world where the window is wider, and stays within it', () => {
    expect(sides([-250, -120, 250, 120], 0)).toEqual([-180, -90, 180, 90]);
  });

  it('crosses the antimeridian with its west above its east', () => {
    const [west, , east] = sides([172, 0, 190, 10], 6) as [number, number, number, number];
    expect(west).toBeGreaterThan(160);
    expect(east).toBeLessThan(-160);
  });

  it('ends at the antimeridian, not at its other side', () => {
    expect(sides([170, 0, 180, 10], 6)[2]).toBe(180);
  });
});
