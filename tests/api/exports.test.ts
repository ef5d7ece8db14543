import { setTimeout as sleep } from 'node:timers/promises';
import { get as request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LocationState } from '#libs/domain';
import type { ChangeItem, StatementItem } from '#libs/queries';
import { startRunning, type Running } from './running.js';
import { allOf, toldWar, untilProjected } from './told-war.js';

const PAGE = 'https://claims.example/war';
let database: Awaited<ReturnType<typeof toldWar>>;
let running: Running;
beforeAll(async () => {
  // Its statements are longer than what connections take unread.
  database = await toldWar({ seed: 3, places: 60, statements: 8000, days: 20 });
  running = await startRunning({ DATABASE_URL: database.url, MAX_EXPORTS: '1', PUBLIC_URL: PAGE });
  await untilProjected(running);
}, 180_000);
afterAll(async () => {
  await running?.stop();
  await database?.drop();
});

async function exported(path: string, headers?: Record<string, string>) {
  const answer = await running.get(`/v1/exports/${path}`, headers);
  expect([path, answer.status, answer.status === 200 ? '' : answer.text]).toEqual([path, 200, '']);
  return answer;
}
const linesOf = <T>(text: string) =>
  text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as T & { pageUrl: string });

/** The rows of our CSV, by the names of columns; texts have quotes, and no line breaks here. */
function rowsOf(csv: string): Record<string, string>[] {
  const [head, ...rows] = csv
    .trimEnd()
    .split('\r\n')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) =>
        (quoted ?? plain ?? '').replaceAll('""', '"'),
      ),
    );
  return rows.map((row) => Object.fromEntries(row.map((cell, at) => [head![at]!, cell])));
}

describe('places', () => {
  it.each(['', 'status=contested', 'bbox=30,46,37.5,49&asOf=2025-11-10T12:00:00.000Z'])(
    'are those of /v1/locations in every form, each with its page (%s)',
    async (query) => {
      const states = await allOf<LocationState>(running, '/v1/locations', query);
      const at = query.includes('asOf') ? `?asOf=${encodeURIComponent('2025-11-10T12:00:00.000Z')}` : '';
      const pages = states.map(({ id }) => `${PAGE}/places/${id}${at}`);
      expect(states.length).toBeGreaterThan(1);

      const lines = linesOf<LocationState>((await exported(`locations?format=ndjson&${query}`)).text);
      expect(lines).toMatchObject(states.map(({ id, status, since }) => ({ id, status, since })));
      expect(lines.map(({ pageUrl }) => pageUrl)).toEqual(pages);

      const { json } = await exported(`locations?format=geojson&${query}`);
      expect(json.type).toBe('FeatureCollection');
      expect(json.features).toMatchObject(
        states.map(({ id, status, coordinates }, n) => ({
          id,
          geometry: coordinates && { type: 'Point', coordinates },
          properties: { status, pageUrl: pages[n] },
        })),
      );

      const rows = rowsOf((await exported(`locations?${query}`)).text);
      expect(rows.map(({ id, status, since, pageUrl }) => [id, status, since, pageUrl])).toEqual(
        states.map(({ id, status, since }, n) => [id, status, since ?? '', pages[n]]),
      );
    },
  );

  it('are a file with a name, in the form that Accept names or the query', async () => {
    const { headers } = await exported('locations?asOf=2025-11-10');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(headers.get('content-disposition')).toBe(
      'attachment; filename="claimline-locations-2025-11-10.csv"',
    );
    for (const [query, name] of [
      ['locations?asOf=9999-12-31T23:59:59.999Z&knownAt=2025-11-12', 'locations-2025-11-12'],
      ['statements?location=war-1&knownAt=2025-11-12', 'statements-war-1-2025-11-12'],
    ] as const)
      expect((await exported(query)).headers.get('content-disposition')).toContain(`"claimline-${name}.csv"`);
    const typeOf = async (path: string, accept: string) =>
      (await exported(path, { accept })).headers.get('content-type');
    expect(await typeOf('locations', 'application/x-ndjson')).toBe('application/x-ndjson');
    expect(await typeOf('locations', 'text/html, */*;q=0.8')).toBe('text/csv; charset=utf-8');
    expect(await typeOf('locations?format=geojson', 'text/html, */*;q=0.8')).toBe('application/geo+json');
    expect((await running.get('/v1/exports/locations', { accept: 'text/html' })).status).toBe(406);
    expect((await running.get('/v1/exports/locations?format=xml')).json.errors).toMatchObject([
      { pointer: '/format' },
    ]);
    const excel = await fetch(`${running.url}/v1/exports/locations?excel=true&status=contested`);
    expect([...new Uint8Array(await excel.arrayBuffer()).slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  });
});

it('statements are those of /v1/statements, each with its page beside its source', async () => {
  const query = 'party=ukraine&to=2025-11-06';
  const statements = await allOf<StatementItem>(running, '/v1/statements', query);
  const lines = linesOf<StatementItem>((await exported(`statements?format=ndjson&${query}`)).text);
  expect(statements.length).toBeGreaterThan(100);
  expect(lines.map(({ statementId, source, pageUrl }) => [statementId, source?.url, pageUrl])).toEqual(
    statements.map(({ statementId, source }) => [
      statementId,
      source?.url,
      `${PAGE}/statements/${statementId}`,
    ]),
  );
  const rows = rowsOf((await exported(`statements?${query}`)).text);
  expect(rows.map(({ statementId }) => statementId)).toEqual(
    statements.map(({ statementId }) => statementId),
  );
  expect((await exported(`statements?format=geojson&${query}`)).json.features).toHaveLength(
    statements.length,
  );
});

describe('statements about a place', () => {
  const idsOf = async (query: string) =>
    linesOf<StatementItem>((await exported(`statements?format=ndjson&${query}`)).text).map(
      ({ statementId }) => statementId,
    );
  const timelineOf = (id: string, query: string) =>
    allOf<StatementItem>(running, `/v1/locations/${id}/timeline`, `order=desc&${query}`);
  let place: string;
  beforeAll(async () => {
    const { json } = await running.get('/v1/locations?order=statements&limit=1');
    place = json.items[0].id as string;
  });

  it.each([
    '',
    'side=ukraine',
    'stance=assert&from=2025-11-05',
    'predicate=captured',
    'knownAt=2025-11-12',
    'asOf=2025-11-10',
  ])('are those of its timeline, newest first (%s)', async (query) => {
    const expected = await timelineOf(place, query);
    expect(expected.length).toBeGreaterThan(1);
    expect(await idsOf(`location=${place}&${query}`)).toEqual(expected.map(({ statementId }) => statementId));
  });

  it('take the filters of a search of statements', async () => {
    const all = await timelineOf(place, '');
    const { speaker, source } = all.find(
      (item) => item.speaker.party !== null && item.source?.url !== undefined,
    )!;
    const named = (what: Record<string, string>) =>
      new URLSearchParams({ location: place, ...what }).toString();
    const those = async (what: Record<string, string>, is: (item: StatementItem) => boolean) => {
      const expected = all.filter(is).map(({ statementId }) => statementId);
      expect(expected.length).toBeGreaterThan(0);
      expect(await idsOf(named(what))).toEqual(expected);
    };
    await those({ party: speaker.party! }, (item) => item.speaker.party === speaker.party);
    await those({ outlet: source!.outlet! }, (item) => item.source?.outlet === source!.outlet);
    await those({ url: source!.url! }, (item) => item.source?.url === source!.url);
    const { version } = (await running.get('/v1/ruleset')).json;
    await those({ party: speaker.party!, ruleset: version }, (item) => item.speaker.party === speaker.party);
  });

  it('are refused where there is no such place, and where side or ruleset have none', async () => {
    const nowhere = await running.get('/v1/exports/statements?location=nowhere');
    expect([nowhere.status, nowhere.json.type]).toEqual([404, 'urn:claimline:problem:location-not-found']);
    expect(nowhere.headers.get('content-disposition')).toBeNull();
    for (const [name, value] of [
      ['side', 'ukraine'],
      ['ruleset', 'any'],
    ])
      expect((await running.get(`/v1/exports/statements?${name}=${value}`)).json.errors).toMatchObject([
        { pointer: `/${name}` },
      ]);
  });
});

it('a bookmark of what is shown exports just that: its moments and its ruleset', async () => {
  const { headers, json } = await running.get('/v1/locations?status=contested&limit=500');
  const [, bookmark] = /<\?([^>]*)>/.exec(headers.get('link')!)!;
  const query = new URLSearchParams(bookmark);
  query.delete('limit');
  const lines = linesOf<LocationState>((await exported(`locations?format=ndjson&${query.toString()}`)).text);
  expect(lines.map(({ id, status }) => [id, status])).toEqual(
    (json.items as LocationState[]).map(({ id, status }) => [id, status]),
  );
  const page = new URL(lines[0]!.pageUrl).searchParams;
  for (const name of ['asOf', 'knownAt', 'ruleset'])
    expect([name, page.get(name)]).toEqual([name, query.get(name)]);
  const changes = await exported(`changes?format=ndjson&ruleset=${query.get('ruleset')}`);
  expect(linesOf<ChangeItem>(changes.text)).toMatchObject(
    await allOf<ChangeItem>(running, '/v1/changes', `ruleset=${query.get('ruleset')}`),
  );
  expect((await running.get('/v1/exports/locations?ruleset=none')).status).toBe(404);
});

it('statements and what became of them are as known at a time', async () => {
  const knownAt = '2025-11-10T00:00:00.000Z';
  const items = await allOf<StatementItem>(running, '/v1/statements', `party=russia&knownAt=${knownAt}`);
  expect(items.length).toBeGreaterThan(10);
  expect(items.every(({ recordedAt }) => recordedAt <= knownAt)).toBe(true);
  const one = items[0]!;
  expect((await running.get(`/v1/statements/${one.statementId}?knownAt=${knownAt}`)).json).toEqual(one);
  expect((await running.get(`/v1/statements/${one.statementId}?knownAt=2025-10-01`)).status).toBe(404);
  const outlet = encodeURIComponent(one.source!.outlet!);
  const { json } = await running.get(`/v1/outlets/${outlet}?knownAt=${knownAt}`);
  const known = await allOf<StatementItem>(running, '/v1/statements', `outlet=${outlet}&knownAt=${knownAt}`);
  expect(json.statements).toBe(known.length);
  expect(json.statements).toBeLessThan((await running.get(`/v1/outlets/${outlet}`)).json.statements);
});

it.each(['', 'from=2025-11-05&status=contested', 'knownAt=2025-11-12'])(
  'changes are those of /v1/changes in every form (%s)',
  async (query) => {
    const changes = await allOf<ChangeItem>(running, '/v1/changes', query);
    expect(changes.length).toBeGreaterThan(1);
    const lines = linesOf<ChangeItem>((await exported(`changes?format=ndjson&${query}`)).text);
    expect(lines).toMatchObject(changes);
    expect(lines[0]!.pageUrl).toMatch(`${PAGE}/places/${changes[0]!.id}`);
    const { json } = await exported(`changes?format=geojson&${query}`);
    expect(json.features).toMatchObject(
      changes.map(({ id, at, coordinates }) => ({
        geometry: coordinates && { type: 'Point', coordinates },
        properties: { id, at },
      })),
    );
    const rows = rowsOf((await exported(`changes?${query}`)).text);
    expect(
      rows.map(({ id, at, statusBefore, status, holders }) => [id, at, statusBefore, status, holders]),
    ).toEqual(changes.map(({ id, at, from, to }) => [id, at, from.status, to.status, to.holders.join('; ')]));
  },
);

it('only so many are made at once, and one ends when its reader goes', async () => {
  const unread = await new Promise<IncomingMessage>((resolve, reject) => {
    request(`${running.url}/v1/exports/statements?format=ndjson`, resolve).on('error', reject);
  });
  const { status, json, headers } = await running.get('/v1/exports/locations');
  expect([status, json.type, headers.get('retry-after')]).toEqual([
    503,
    'urn:claimline:problem:streams-full',
    '1',
  ]);
  unread.destroy();
  const end = Date.now() + 30_000;
  while ((await running.get('/v1/exports/locations')).status !== 200) {
    if (Date.now() > end) throw new Error('the export goes on');
    await sleep(50);
  }
});
