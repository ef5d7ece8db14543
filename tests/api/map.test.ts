import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LocationState } from '#libs/domain';
import type { ChangeItem, Facets, MapBins, MapChanges, MapDays, MapPlaces } from '#libs/queries';
import { startRunning, type Running } from './running.js';
import { allOf, toldWar, untilProjected } from './told-war.js';

let database: Awaited<ReturnType<typeof toldWar>>;
let running: Running;
/** The same store, where three places and ten changes are many. */
let small: Running;
beforeAll(async () => {
  database = await toldWar({ seed: 7, places: 80, statements: 900, days: 20 });
  running = await startRunning({ DATABASE_URL: database.url });
  await untilProjected(running);
  small = await startRunning({ DATABASE_URL: database.url, MAX_MAP_PLACES: '3', MAX_MAP_CHANGES: '10' });
}, 120_000);
afterAll(async () => {
  await small?.stop();
  await running?.stop();
  await database?.drop();
});

async function get<T>(path: string, from = running): Promise<T> {
  const { status, text, json } = await from.get(path);
  if (status !== 200) throw new Error(`${path}: ${status} ${text}`);
  return json as T;
}
const statesOf = (query: string) => allOf<LocationState>(running, '/v1/locations', query);

const at = ({ base, unit }: MapPlaces['time'], n: number | null | undefined) =>
  n === null || n === undefined ? null : new Date(Date.parse(base) + n * unit).toISOString();

/** The rows of a map, with words for numbers. */
function rowsOf({ columns, time, statuses, parties, regions, controls, flagSets, reported }: MapPlaces) {
  const words = (numbers: readonly number[]) => numbers.map((one) => parties[one]);
  return columns.id.map((id, row) => ({
    id,
    name: columns.name[row],
    coordinates: columns.lon[row] === null ? null : [columns.lon[row], columns.lat[row]],
    reported: reported.includes(row),
    status: statuses[columns.status[row]!],
    since: at(time, columns.since[row]),
    lastSaid: at(time, columns.lastSaid[row]),
    region: columns.region[row] === null ? null : regions[columns.region[row]!],
    control: controls[columns.control[row]!]!.map((one) => ({
      holder: parties[one.holder],
      standing: one.standing,
      claiming: words(one.claiming),
      denying: words(one.denying),
      conceding: words(one.conceding),
    })),
    flags: flagSets[columns.flags[row]!]!.map((one) => ({
      flag: one.flag,
      holder: one.holder === null ? null : parties[one.holder],
      asserting: words(one.asserting),
      denying: words(one.denying),
    })),
  }));
}

const toTheSecond = (time: string | null) => time && `${time.slice(0, 19)}.000Z`;
const sidesOf = (evidence: readonly { side: string }[]) =>
  [...new Set(evidence.map(({ side }) => side))].sort();
const rounded = (degrees: number) => Math.round(degrees * 10_000) / 10_000;

/** The same of states. */
const rowOf = (state: LocationState) => ({
  id: state.id,
  name: state.name,
  coordinates: state.coordinates && state.coordinates.map(rounded),
  reported: state.coordinatesReported,
  status: state.status,
  since: toTheSecond(state.since),
  lastSaid: toTheSecond(
    state.control
      .flatMap(({ assertedBy, deniedBy, concededBy }) => [...assertedBy, ...deniedBy, ...concededBy])
      .map(({ statedAt }) => statedAt)
      .sort()
      .at(-1) ?? null,
  ),
  region: state.region,
  control: state.control.map(({ holder, standing, assertedBy, deniedBy, concededBy }) => ({
    holder,
    standing,
    claiming: sidesOf(assertedBy),
    denying: sidesOf(deniedBy),
    conceding: sidesOf(concededBy),
  })),
  flags: state.flags.map(({ flag, holder, assertedBy, deniedBy }) => ({
    flag,
    holder,
    asserting: assertedBy,
    denying: deniedBy,
  })),
});

const MOMENTS = [
  '',
  'asOf=2025-11-03',
  'asOf=2025-11-10T12:30:00Z',
  'asOf=2025-11-18',
  'knownAt=2025-11-08',
  'asOf=2025-11-12&knownAt=2025-11-15T07:00:00Z',
];
const FILTERS = [
  'status=contested,claimed',
  'side=russia',
  'flag=fighting',
  'q=a',
  'bbox=30,46,37.5,49',
  'changedSince=2025-11-19',
  'region=Kharkiv&region=Donetsk',
  'status=contested&side=ukraine&bbox=30,40,40,52',
];

describe('the map', () => {
  it.each(MOMENTS)('has the places of /v1/locations, with what they say (%s)', async (moment) => {
    const states = await statesOf(moment);
    const map = await get<MapPlaces>(`/v1/map?${moment}`);
    expect(rowsOf(map)).toEqual(states.map(rowOf));
    expect(map).toMatchObject({
      kind: 'places',
      count: states.length,
      withoutCoordinates: states.filter(({ coordinates }) => coordinates === null).length,
      asOf: states[0]!.asOf,
      knownAt: states[0]!.knownAt,
      rulesetVersion: states[0]!.rulesetVersion,
      token: expect.stringMatching(/^\d+:\d+/),
    });
    expect(new Set(map.columns.status).size).toBe(map.statuses.length);
  });

  it('has places without coordinates, reported ones, several statuses, denials and flags', async () => {
    const rows = rowsOf(await get<MapPlaces>('/v1/map'));
    const some = (is: (row: (typeof rows)[number]) => boolean) =>
      expect(rows.filter(is).length).toBeGreaterThan(0);
    expect(new Set(rows.map(({ status }) => status)).size).toBeGreaterThan(2);
    some(({ coordinates }) => coordinates === null);
    some(({ region }) => region !== null);
    some(({ control }) => control.some(({ denying }) => denying.length > 0));
    some(({ control }) => control.some(({ claiming }) => claiming.length > 0));
    some(({ flags }) => flags.length > 0);
  });

  it.each(FILTERS)('takes the filters of /v1/locations (%s)', async (filter) => {
    let found = 0;
    for (const moment of ['', 'asOf=2025-11-18', 'knownAt=2025-11-15']) {
      const states = await statesOf(`${filter}&${moment}`);
      found += states.length;
      expect([moment, rowsOf(await get<MapPlaces>(`/v1/map?${filter}&${moment}`))]).toEqual([
        moment,
        states.map(rowOf),
      ]);
    }
    expect(found).toBeGreaterThan(0);
  });

  it('filters by a region whose name has a comma, and finds nothing for a part of a name', async () => {
    const { json } = await running.send('POST', '/v1/locations', {
      id: 'mill',
      names: [{ name: 'Mill' }],
      region: 'Hill, and Dale',
    });
    const after = json.token as string;
    const ids = async (query: string) => (await get<MapPlaces>(`/v1/map?${query}&after=${after}`)).columns.id;
    expect(await ids('region=Hill,%20and%20Dale')).toEqual(['mill']);
    expect(await ids('region=Hill')).toEqual([]);
  });

  it('is answered 304 until the read models move, also of the past, and by a service that has not made it', async () => {
    for (const query of ['', '?asOf=2025-11-10', '?q=a&zoom=4']) {
      const { headers } = await running.get(`/v1/map${query}`);
      const etag = headers.get('etag')!;
      expect(headers.get('cache-control')).toBe('no-cache');
      expect(headers.get('link')).toMatch(/knownAt=.*rel="bookmark"/);
      for (const service of [running, small])
        expect(await service.get(`/v1/map${query}`, { 'if-none-match': `"x", W/${etag}` })).toMatchObject({
          status: 304,
          text: '',
        });
      expect((await running.get('/v1/map?side=ukraine', { 'if-none-match': etag })).status).toBe(200);
    }
    const before = await running.get('/v1/map');
    expect((await running.get('/v1/map')).headers.get('etag')).toBe(before.headers.get('etag'));
    await running.record({ location: { name: 'A new place', country: 'UA' } });
    const after = await running.get('/v1/map', { 'if-none-match': before.headers.get('etag')! });
    expect(after.status).toBe(200);
    expect((after.json as MapPlaces).columns.name).toContain('A new place');
    expect((before.json as MapPlaces).columns.name).not.toContain('A new place');
  });

  it('shows a writer what it wrote', async () => {
    const { json } = await running.send('POST', '/v1/statements', {
      stance: 'assert',
      claim: { predicate: 'captured', actor: 'russia' },
      location: { name: 'Just now', country: 'UA' },
      speaker: { party: 'russia' },
      statedAt: '2025-11-20',
    });
    const map = await get<MapPlaces>(`/v1/map?after=${json.token}`);
    expect(rowsOf(map)).toContainEqual(
      expect.objectContaining({ name: 'Just now', status: 'claimed', since: '2025-11-20T00:00:00.000Z' }),
    );
  });

  it('is the same by its bookmark, whatever comes later', async () => {
    const { headers, json } = await running.get('/v1/map?asOf=2025-11-12');
    const bookmark = `/v1/map${/<([^>]+)>/.exec(headers.get('link')!)![1]}`;
    await running.record({ location: { name: 'Later still', country: 'UA' }, statedAt: '2025-11-01' });
    expect(rowsOf(await get<MapPlaces>(bookmark))).toEqual(rowsOf(json as MapPlaces));
  });
});

describe('more places than are shown', () => {
  const refused = async (path: string) => {
    const { status, json } = await small.get(path);
    return [status, json.type, json.errors?.map(({ pointer }: { pointer: string }) => pointer)];
  };

  it('are refused, naming what makes the answer smaller', async () => {
    const tooLarge = (...pointers: string[]) => [422, 'urn:claimline:problem:map-too-large', pointers];
    expect(await refused('/v1/map')).toEqual(tooLarge('/zoom', '/bbox'));
    expect(await refused('/v1/map?asOf=2025-11-10&zoom=5')).toEqual(tooLarge('/bbox'));
    expect(await refused('/v1/locations/facets?asOf=2025-11-10')).toEqual(tooLarge('/bbox'));
    expect(await refused('/v1/map/changes')).toEqual(tooLarge('/from', '/to'));
    expect(await refused('/v1/map?zoom=23')).toEqual([422, 'urn:claimline:problem:query-invalid', ['/zoom']]);
    expect((await small.get('/v1/map?bbox=-10,-10,0,0')).status).toBe(200);
    expect(await get<MapPlaces>('/v1/map?zoom=5')).toMatchObject({ kind: 'places' });
  });

  it.each([
    ['zoom=5', 5],
    ['zoom=9&bbox=22,44,41,53', 9],
    ['zoom=6&bbox=22,44,41,53&status=contested,claimed', 6],
    ['zoom=22&bbox=22,44,41,53', 9],
  ])('are counted by cells (%s)', async (query, most) => {
    const bins = await get<MapBins>(`/v1/map?${query}`, small);
    const states = await statesOf(query.replace(/zoom=\d+/, ''));
    const placed = states.filter(({ coordinates }) => coordinates !== null);
    expect(bins).toMatchObject({
      kind: 'bins',
      count: states.length,
      withoutCoordinates: states.length - placed.length,
      size: 360 / 2 ** (bins.zoom + 2),
    });
    expect(bins.zoom).toBeLessThanOrEqual(most);
    const cells = new Map<string, LocationState[]>();
    for (const state of placed) {
      const [lon, lat] = state.coordinates!;
      const cell = `${Math.floor(lat / bins.size)} ${Math.floor(lon / bins.size)}`;
      cells.set(cell, [...(cells.get(cell) ?? []), state]);
    }
    expect(cells.size).toBeGreaterThan(1);
    const mean = (values: readonly number[]) => values.reduce((sum, one) => sum + one, 0) / values.length;
    const byLatitude = (a: { lat: number; lon: number }, b: { lat: number; lon: number }) =>
      a.lat - b.lat || a.lon - b.lon;
    const rows = bins.columns.lon.map((lon, cell) => ({
      lon,
      lat: bins.columns.lat[cell]!,
      count: bins.columns.count[cell],
      status: Object.fromEntries(
        bins.statuses
          .map((status, number) => [status, bins.columns.status[number]![cell]] as const)
          .filter(([, many]) => many !== 0),
      ),
    }));
    const expected = [...cells.values()].map((inside) => ({
      lon: mean(inside.map(({ coordinates }) => coordinates![0])),
      lat: mean(inside.map(({ coordinates }) => coordinates![1])),
      count: inside.length,
      status: Object.fromEntries(
        [...new Set(inside.map(({ status }) => status))].map((status) => [
          status,
          inside.filter((one) => one.status === status).length,
        ]),
      ),
    }));
    expect(rows.toSorted(byLatitude)).toEqual(
      expected
        .toSorted(byLatitude)
        .map((row) => ({ ...row, lon: expect.closeTo(row.lon, 3), lat: expect.closeTo(row.lat, 3) })),
    );
  });
});

const changesOf = (query: string) => allOf<ChangeItem>(running, '/v1/changes', query);
const byTime = (a: ChangeItem, b: ChangeItem) =>
  a.at === b.at ? (a.id < b.id ? -1 : 1) : a.at < b.at ? -1 : 1;
const CHANGES = [
  '',
  'from=2025-11-05&to=2025-11-09',
  'status=contested&side=russia',
  'bbox=30,46,37.5,49',
  'knownAt=2025-11-12',
  'knownAt=2025-11-12&side=ukraine&from=2025-11-04',
];

describe('the changes', () => {
  it.each(CHANGES)('are those of /v1/changes, by time (%s)', async (query) => {
    const expected = (await changesOf(query)).toSorted(byTime);
    expect(expected.length).toBeGreaterThan(0);
    const changes = await get<MapChanges>(`/v1/map/changes?${query}`);
    const { columns, places, stages, statuses, parties, time, count } = changes;
    const stage = (number: number) => ({
      status: statuses[stages[number]!.status],
      holders: stages[number]!.holders.map((holder) => parties[holder]),
    });
    expect(
      columns.place.map((place, row) => ({
        id: places[place],
        at: at(time, columns.at[row]),
        from: stage(columns.before[row]!),
        to: stage(columns.after[row]!),
      })),
    ).toEqual(
      expected.map(({ id, at: when, from, to: { rule: _rule, ...to } }) => ({ id, at: when, from, to })),
    );
    expect(count).toBe(expected.length);
  });

  it.each(CHANGES)('are counted by day (%s)', async (query) => {
    const expected = new Map<string, Map<string, number>>();
    for (const { at: when, to } of (await changesOf(query)).toSorted(byTime)) {
      const ofDay = expected.get(when.slice(0, 10)) ?? new Map<string, number>();
      expected.set(when.slice(0, 10), ofDay.set(to.status, (ofDay.get(to.status) ?? 0) + 1));
    }
    const days = await get<MapDays>(`/v1/map/days?${query}`);
    const { columns, first, statuses } = days;
    expect(
      new Map(
        columns.day.map((day, row) => [
          new Date(Date.parse(first!) + day * 86_400_000).toISOString().slice(0, 10),
          new Map(
            statuses
              .map((status, number): [string, number] => [status, columns.status[number]![row]!])
              .filter(([, many]) => many > 0),
          ),
        ]),
      ),
    ).toEqual(expected);
    expect(columns.count.reduce((sum, one) => sum + one, 0)).toBe(days.count);
    expect([...expected.keys()][0]).toBe(first);
  });

  it('have no day where nothing changed', async () => {
    expect(await get<MapDays>('/v1/map/days?to=1999-01-01')).toMatchObject({ count: 0, first: null });
    expect(await get<MapChanges>('/v1/map/changes?to=1999-01-01')).toMatchObject({ count: 0, places: [] });
  });

  it('bring a map from one moment to another', async () => {
    const [before, after] = [await statesOf('asOf=2025-11-09'), await statesOf('asOf=2025-11-16')];
    const status = new Map<string, string>(before.map((state) => [state.id, state.status]));
    const changes = await get<MapChanges>('/v1/map/changes?from=2025-11-10T00:00:00.000Z&to=2025-11-16');
    const { columns, places, stages, statuses } = changes;
    columns.place.forEach((place, row) =>
      status.set(places[place]!, statuses[stages[columns.after[row]!]!.status]!),
    );
    expect(status).toEqual(new Map(after.map((state) => [state.id, state.status])));
  });
});

describe('facets', () => {
  it.each(
    ['', ...FILTERS].flatMap((filter) =>
      ['', 'asOf=2025-11-12', 'knownAt=2025-11-15'].map((moment) => `${filter}&${moment}`),
    ),
  )('are counted with all filters but their own (%s)', async (query) => {
    const facets = await get<Facets>(`/v1/locations/facets?${query}`);
    const asked = new URLSearchParams(query);
    const states = await statesOf(query);
    expect(facets).toMatchObject({
      count: states.length,
      withoutCoordinates: states.filter(({ coordinates }) => coordinates === null).length,
    });
    for (const facet of ['status', 'side', 'flag', 'region'] as const) {
      const others = new URLSearchParams(asked);
      others.delete(facet);
      const found = await statesOf(others.toString());
      const counts = new Map<string | null, number>();
      const values: (state: LocationState) => (string | null)[] = {
        status: ({ status }: LocationState) => [status],
        side: ({ control }: LocationState) => control.map(({ holder }) => holder),
        flag: ({ flags }: LocationState) => flags.map(({ flag }) => flag),
        region: ({ region }: LocationState) => [region],
      }[facet];
      for (const state of found)
        for (const value of new Set(values(state))) counts.set(value, (counts.get(value) ?? 0) + 1);
      expect([facet, new Map(facets[facet].map(({ value, count }) => [value, count]))]).toEqual([
        facet,
        counts,
      ]);
      const sizes = facets[facet].map(({ count }) => count);
      expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    }
  });

  it('of an unknown party can be given back as the filter', async () => {
    await running.record({
      claim: { predicate: 'captured', actor: 'The Free Company' },
      location: { name: 'Freetown', country: 'UA' },
      speaker: { party: 'The Free Company' },
    });
    const { side } = await get<Facets>('/v1/locations/facets?q=Freetown');
    expect(side).toEqual([{ value: expect.stringMatching(/free company/i), count: 1 }]);
    const found = await statesOf(`side=${encodeURIComponent(side[0]!.value)}`);
    expect(found.map(({ name }) => name)).toEqual(['Freetown']);
  });
});
