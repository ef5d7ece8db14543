import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRunning, type Running } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

const register = async (place: object) =>
  expect(await running.send('POST', '/v1/locations', place)).toMatchObject({ status: 201 });
const state = async (id: string, query = '') => (await running.get(`/v1/locations/${id}${query}`)).json;

describe('what a reference may say', () => {
  beforeAll(async () => {
    await register({
      id: 'kharkiv-oblast',
      names: [{ name: 'Kharkiv Oblast' }, { name: 'Харківська область' }],
      country: 'UA',
      countries: ['RU'],
    });
    for (const [id, lon] of [
      ['petrivka-1', 36],
      ['petrivka-2', 37],
    ] as const)
      await register({
        id,
        names: [{ name: 'Petrivka' }],
        coordinates: [lon, 49],
        country: 'UA',
        within: 'kharkiv-oblast',
        codes: [{ scheme: 'KATOTTG', value: `UA-${lon}` }],
      });
  });

  it('is answered with how the place was found, in a dry run too', async () => {
    const meant = async (location: object) => {
      const { json } = await running.send('POST', '/v1/statements?dryRun=true', { ...STATEMENT, location });
      return [json.locationId, json.resolution];
    };
    expect(await meant({ id: 'petrivka-1' })).toEqual(['petrivka-1', { kind: 'resolved', by: 'id' }]);
    expect(await meant({ code: { scheme: 'katottg', value: 'UA-37' } })).toEqual([
      'petrivka-2',
      { kind: 'resolved', by: 'code' },
    ]);
    expect(
      await meant({
        name: 'Petrivka',
        region: 'Харківська область',
        country: 'RU',
        coordinates: [36.01, 49],
      }),
    ).toEqual(['petrivka-1', { kind: 'resolved', by: 'coordinates' }]);
    expect(await meant({ name: 'Petrivka', within: 'kharkiv' })).toEqual([
      expect.any(String),
      { kind: 'ambiguous', by: 'name', candidates: ['petrivka-1', 'petrivka-2'] },
    ]);
    expect(await meant({ name: 'Petrivka', region: 'Odesa' })).toEqual([
      expect.any(String),
      { kind: 'provisional', by: 'name' },
    ]);
  });

  it('is refused where it says nothing, contradicts itself, or names what nobody knows', async () => {
    const refused = async (location: object) =>
      (await running.send('POST', '/v1/statements', { ...STATEMENT, location })).json.errors.map(
        ({ pointer, detail }: { pointer: string; detail: string }) => `${pointer} ${detail}`,
      );
    expect(await refused({ country: 'UA' })).toEqual(['/location needs an id, a code or a name']);
    expect(await refused({ id: 'petrivka-1', within: 'kharkiv' })).toEqual([
      '/location/id cannot be given with code, name, country, region or within',
    ]);
    expect(await refused({ name: 'P', coordinates: [200, 0] })).toEqual([
      '/location/coordinates/0 longitude must be -180 to 180',
    ]);
    expect(await refused({ name: 'P', coordinates: [1] })).toEqual([
      expect.stringMatching(/^\/location\/coordinates/),
    ]);
    expect(await refused({ name: 'P', code: { scheme: 'two words', value: '1' } })).toEqual([
      expect.stringMatching(/^\/location\/code\/scheme must be a word/),
    ]);
    expect(await refused({ code: { scheme: 'osm', value: 'nowhere' } })).toEqual([
      '/location/code is not known',
    ]);
  });

  it('an ambiguous place is found by its flag and names what it may be', async () => {
    const { json } = await running.record({ location: { name: 'Petrivka', country: 'UA' } });
    expect((await state(json.locationId)).flags).toContainEqual(
      expect.objectContaining({
        flag: 'ambiguous',
        candidates: ['petrivka-1', 'petrivka-2'],
        evidence: [json.eventId],
      }),
    );
    expect(
      (await running.get('/v1/locations?flag=ambiguous')).json.items.map(({ id }: { id: string }) => id),
    ).toEqual([json.locationId]);
  });
});

describe('a provisional place', () => {
  it('is where it was reported, on the map and in boxes, now and as of a time', async () => {
    const location = { name: 'A tree line', country: 'UA' };
    const { json } = await running.record({
      location: { ...location, coordinates: [30.5, 50.5] },
      statedAt: '2025-11-01',
    });
    await running.record({ location: { ...location, coordinates: [31.5, 51.5] }, statedAt: '2025-11-05' });
    expect(await state(json.locationId)).toMatchObject({
      coordinates: [31.5, 51.5],
      coordinatesReported: true,
    });
    expect(await state(json.locationId, '?asOf=2025-11-02')).toMatchObject({
      coordinates: [30.5, 50.5],
      coordinatesReported: true,
    });
    const within = async (query: string) =>
      (await running.get(`/v1/locations?${query}`, { accept: 'application/geo+json' })).json.features;
    expect(await within('bbox=31,51,32,52')).toMatchObject([
      {
        id: json.locationId,
        geometry: { coordinates: [31.5, 51.5] },
        properties: { coordinatesReported: true },
      },
    ]);
    expect(await within('bbox=30,50,31,51')).toEqual([]);
    expect(await within('bbox=30,50,31,51&asOf=2025-11-02')).toMatchObject([{ id: json.locationId }]);
    expect(await within('bbox=31,51,32,52&asOf=2025-11-02')).toEqual([]);
  });
});

describe('names, codes and countries of a place', () => {
  beforeAll(() =>
    register({
      id: 'izium',
      names: [{ name: 'Izium' }, { name: 'Ізюм’' }, { name: '.' }, { name: '..' }],
      country: 'UA',
    }),
  );
  const names = async () => (await state('izium')).names.map(({ name }: { name: string }) => name);
  const remove = (path: string) => running.send('DELETE', `/v1/locations/izium/${path}`);
  const waited = async ({ json }: { json: { token: string } }) =>
    running.get(`/v1/locations/izium?after=${json.token}`);

  it('are removed as they are spelled or fold; what is not there is 404, and no name is beyond reach', async () => {
    expect(await remove('names/Isjum')).toMatchObject({
      status: 404,
      json: { type: 'urn:claimline:problem:name-not-found' },
    });
    await waited(await remove(`names/${encodeURIComponent("ізюм'")}`));
    expect(await names()).toEqual(['Izium', '.', '..']);
    expect(await remove('names?name=..')).toMatchObject({ status: 200, json: { duplicate: false } });
    await waited(await remove('names?name=.&by=desk'));
    expect(await names()).toEqual(['Izium']);
    expect(await remove('names?name=.')).toMatchObject({ status: 404 });
    expect(await remove('names')).toMatchObject({ status: 422, json: { errors: [{ pointer: '/name' }] } });
  });

  it('codes are added and removed, and belong to one place', async () => {
    const code = { scheme: 'wikidata', value: 'Q157055' };
    const add = (id: string) => running.send('POST', `/v1/locations/${id}/codes`, code);
    await register({ id: 'elsewhere', names: [{ name: 'Elsewhere' }] });
    expect(await add('izium')).toMatchObject({ status: 201 });
    const again = await add('izium');
    expect(again).toMatchObject({ status: 200, json: { duplicate: true } });
    await waited(again);
    expect(await state('izium')).toMatchObject({ codes: [code] });
    expect(await add('elsewhere')).toMatchObject({ status: 409, json: { errors: [{ pointer: '/value' }] } });
    expect(await remove('codes?scheme=wikidata&value=Q157055')).toMatchObject({ status: 200 });
    expect(await remove('codes?scheme=wikidata&value=Q157055')).toMatchObject({
      status: 404,
      json: { type: 'urn:claimline:problem:code-not-found' },
    });
  });

  it('countries are stated', async () => {
    await waited(
      await running.send('PUT', '/v1/locations/izium/countries', { countries: ['ua', 'RU', 'UA'] }),
    );
    expect(await state('izium')).toMatchObject({ country: 'UA', countries: ['UA', 'RU'] });
    expect(
      await running.send('PUT', '/v1/locations/izium/countries', { countries: ['Ukraine'] }),
    ).toMatchObject({ status: 422, json: { errors: [{ pointer: '/countries/0' }] } });
  });
});

const STATEMENT = {
  stance: 'assert',
  claim: { predicate: 'captured', actor: 'russia' },
  speaker: { name: 'A spokesman', party: 'russia' },
  statedAt: '2025-11-20',
};
