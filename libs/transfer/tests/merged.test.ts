import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import type { LocationState, BitemporalPoint } from '#libs/domain';
import { createPool } from '#libs/platform';
import { createGeneration } from '#libs/projection';
import { type StatementItem } from '#libs/queries';
import { exportStates, exportStatements, exportTimelines, type Format, type TextChunk } from '#libs/transfer';
import { startRunning, type Running } from '../../../tests/api/running.js';
import { ruleset } from '../../../tests/support/test-log.js';
import { lean } from './lean.js';
import { asked } from '../../../tests/support/duckdb.js';
import { ModelQueries } from '../../../tests/support/model-queries.js';

// Places are merged, then unmerged. At each moment, then and as known later, exports and HTTP answers name the same places,
// and every statement has the state of its place.

let running: Running;
let pool: pg.Pool;
let models: ModelQueries;
let folder: string;
/** Ids of the provisional places, by the names that statements gave. */
const provisional: Record<string, string> = {};
const known: Record<string, string> = {};

beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'merged-'));
  running = await startRunning();
  pool = createPool(running.databaseUrl, { max: 4 });
  models = new ModelQueries(pool, await createGeneration(pool, ruleset));
  await command('POST', '/v1/locations', {
    id: 'gn-1',
    names: [{ name: 'Firsttown' }],
    coordinates: [37.5, 49.5],
    country: 'UA',
  });
  await running.record({ location: { id: 'gn-1' } });
  for (const name of ['Secondtown', 'Thirdtown', '=Fourth; town'])
    for (const statedAt of ['2025-11-20', '2025-11-21'])
      provisional[name] = (
        await running.record({ location: { name, country: 'UA' }, statedAt })
      ).json.locationId;
  known.apart = (
    await running.record({ location: { id: provisional.Secondtown }, statedAt: '2025-11-01' })
  ).json.recordedAt;
}, 60_000);
afterAll(async () => {
  await pool?.end();
  await running?.stop();
});

async function text(pieces: AsyncIterable<TextChunk>): Promise<string> {
  let whole = '';
  for await (const piece of pieces) whole += piece.text;
  return whole;
}

/** Writes every export at a vantage. @returns the files by name */
async function exported(point: BitemporalPoint): Promise<(name: string) => string> {
  const of = (format: Format) => ({
    states: exportStates(models, {}, point, { format }),
    statements: exportStatements(models, point, { format }),
    timeline: exportTimelines(models, {}, point, { format }),
  });
  for (const format of ['csv', 'ndjson', 'geojson'] as const)
    for (const [name, pieces] of Object.entries(of(format)))
      writeFileSync(join(folder, `${name}.${format}`), await text(pieces));
  return (name) => join(folder, name);
}

const READ = {
  csv: (file: string) => `read_csv('${file}.csv', sample_size = -1, all_varchar = true)`,
  ndjson: (file: string) => `read_json('${file}.ndjson', format = 'newline_delimited', sample_size = -1)`,
};

/** Verifies the invariants of every moment. @returns the id and name of each statement's place, and the places merged into it */
async function joined(point: BitemporalPoint) {
  const file = await exported(point);
  const tables = await Promise.all(
    (['statements', 'timeline'] as const).flatMap((what) => [
      asked(`select s.statementId, p.id as place, p.name, coalesce(p.merged, '') as merged, s.locationId, s.placeName
             from ${READ.csv(file(what))} s left join ${READ.csv(file('states'))} p on p.id = s.placeId order by 1`),
      asked(`select s.statementId::varchar as statementId, p.id as place, p.name,
               array_to_string(p.merged, '; ') as merged, s.locationId, s.place.name as placeName
             from ${READ.ndjson(file(what))} s left join ${READ.ndjson(file('states'))} p on p.id = s.place.id order by 1`),
    ]),
  );
  const [first, ...others] = tables as {
    statementId: string;
    place: string;
    name: string;
    merged: string;
    locationId: string;
    placeName: string;
  }[][];
  for (const other of others)
    expect(other.map((row) => ({ ...row, name: plain(row.name), placeName: plain(row.placeName) }))).toEqual(
      first!.map((row) => ({ ...row, name: plain(row.name), placeName: plain(row.placeName) })),
    );
  expect(first).toHaveLength(8);
  for (const { place, name, merged, locationId, placeName } of first!) {
    expect(placeName).toBe(name);
    expect([place, ...merged.split('; ')]).toContain(locationId);
  }
  // A point has the coordinates of its place.
  const features = await asked(
    `select f.properties.place.id as place, f.geometry.coordinates as at
     from (select unnest(features) as f from read_json('${file('statements.geojson')}'))`,
  );
  const states = new Map(
    (await asked(`select id, coordinates from ${READ.ndjson(file('states'))}`)).map(({ id, coordinates }) => [
      id,
      coordinates,
    ]),
  );
  expect(features.map(({ at }) => at ?? null)).toEqual(
    features.map(({ place }) => states.get(place) ?? null),
  );
  await expectOverHttp(point);
  return Object.fromEntries(
    first!.map(({ locationId, place, name, merged }) => [
      locationId,
      { place, name: plain(name), merged: merged === '' ? [] : merged.split('; ') },
    ]),
  );
}

/** Removes the apostrophe that CSV puts before a text that a spreadsheet would run. */
const plain = (name: string) => name.replace(/^'/, '');

async function expectOverHttp(point: BitemporalPoint): Promise<void> {
  const query = Object.entries(point)
    .flatMap(([name, value]) => (value ? [`${name}=${value}`] : []))
    .join('&');
  const lines = <T>(whole: string) =>
    whole
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as T);
  const states = lines<LocationState>(await text(exportStates(models, {}, point, { format: 'ndjson' })));
  for (const { id, name } of states) {
    const timeline = (await running.get(`/v1/locations/${id}/timeline?${query}`)).json
      .items as StatementItem[];
    expect(timeline.map(lean)).toEqual(
      lines(await text(exportTimelines(models, { id }, point, { format: 'ndjson' }))).map(lean),
    );
    expect(timeline.map(({ place }) => place)).toEqual(timeline.map(() => ({ id, name })));
  }
  if (query !== '') return;
  const statements = (await running.get('/v1/statements')).json.items as StatementItem[];
  expect(statements.map(lean)).toEqual(
    lines(await text(exportStatements(models, {}, { format: 'ndjson' }))).map(lean),
  );
  for (const one of statements)
    expect((await running.get(`/v1/statements/${one.statementId}`)).json).toEqual(one);
}

/** @returns when it was recorded */
async function command(method: string, path: string, body?: object): Promise<string> {
  const { json, text: answer } = await running.send(method, path, body);
  if (!json.token) throw new Error(answer);
  await running.get(`/v1/locations?after=${json.token}`);
  return json.recordedAt;
}

const alone = (id: string, name: string) => [id, { place: id, name, merged: [] }];

describe('after a merge', () => {
  let apart: Awaited<ReturnType<typeof joined>>;
  let merged: Awaited<ReturnType<typeof joined>>;

  it('statements name the place that theirs is part of, and its state names what is part of it', async () => {
    apart = await joined({});
    expect(apart).toEqual(
      Object.fromEntries([
        alone('gn-1', 'Firsttown'),
        ...Object.entries(provisional).map(([name, id]) => alone(id, name)),
      ]),
    );
    known.chained = await command('POST', `/v1/locations/${provisional.Thirdtown}/merge`, {
      into: provisional.Secondtown,
    });
    const chained = await joined({});
    expect(chained[provisional.Thirdtown!]).toEqual({
      place: provisional.Secondtown,
      name: 'Secondtown',
      merged: [provisional.Thirdtown],
    });
    known.merged = await command('POST', `/v1/locations/${provisional.Secondtown}/merge`, { into: 'gn-1' });
    merged = await joined({});
    const whole = {
      place: 'gn-1',
      name: 'Firsttown',
      merged: [provisional.Secondtown!, provisional.Thirdtown!].toSorted((a, b) => (a < b ? -1 : 1)),
    };
    expect(merged).toEqual(
      Object.fromEntries([
        ['gn-1', whole],
        [provisional.Secondtown, whole],
        [provisional.Thirdtown, whole],
        alone(provisional['=Fourth; town']!, '=Fourth; town'),
      ]),
    );
    await command('POST', '/v1/locations/gn-1/names', { name: 'Zerotown' });
    await command('DELETE', '/v1/locations/gn-1/names/Firsttown');
    expect((await joined({}))[provisional.Thirdtown!]).toEqual({ ...whole, name: 'Zerotown' });
  }, 60_000);

  it('they are as before once it is undone, and as they were at any time known before', async () => {
    await command('DELETE', `/v1/locations/${provisional.Secondtown}/merge`);
    await command('DELETE', `/v1/locations/${provisional.Thirdtown}/merge`);
    expect(await joined({})).toEqual({ ...apart, 'gn-1': { ...apart['gn-1'], name: 'Zerotown' } });
    expect(await joined({ knownAt: known.apart! })).toEqual(apart);
    expect(await joined({ knownAt: known.merged! })).toEqual(merged);
    expect(
      (await joined({ knownAt: known.chained!, asOf: '2100-01-01T00:00:00.000Z' }))[provisional.Thirdtown!],
    ).toMatchObject({ place: provisional.Secondtown, name: 'Secondtown' });
  }, 60_000);
});
