import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startRunning, type Answer, type Running } from './running.js';

const RUSSIA = { name: 'Valery Gerasimov', party: 'russia' };
const UKRAINE = { name: 'General Staff', party: 'ukraine' };
const KUP = { location: { name: 'Kupyansk', region: 'Kharkiv', country: 'UA' } };
const GEOJSON = { accept: 'application/geo+json' };

let running: Running;
/** When each thing was known: `knownAt` that sees it, and none of the later ones. */
const known = {} as Record<'registered' | 'captured' | 'denied' | 'late' | 'voided' | 'merged', string>;
const recorded = {} as Record<'captured' | 'denied' | 'late' | 'elsewhere', Answer['json']>;
beforeAll(async () => {
  running = await startRunning();
  const place = (id: string, name: string, coordinates: number[]) =>
    running.send('POST', '/v1/locations', {
      id,
      names: [{ name }],
      coordinates,
      country: 'UA',
      region: 'Kharkiv',
    });
  await place('kup', 'Kupyansk', [37.6, 49.7]);
  const registered = await place('vov', 'Vovchansk', [36.9, 50.3]);
  known.registered = registered.json.recordedAt;
  const say = async (step: 'captured' | 'denied' | 'late', change: object) => {
    // A millisecond apart, so that each moment distinguishes them.
    await new Promise((resolve) => setTimeout(resolve, 3));
    recorded[step] = (await running.record({ ...KUP, ...change })).json;
    known[step] = recorded[step].recordedAt;
  };
  await say('captured', { speaker: RUSSIA, statedAt: '2025-11-20' });
  await say('denied', { speaker: UKRAINE, stance: 'deny', statedAt: '2025-11-22' });
  await say('late', {
    speaker: UKRAINE,
    claim: { predicate: 'controls', actor: 'ukraine' },
    statedAt: '2025-11-10',
  });
  await new Promise((resolve) => setTimeout(resolve, 3));
  known.voided = (
    await running.send('POST', `/v1/statements/${recorded.denied.statementId}/void`, {
      by: 'desk',
      reason: 'a mistake',
    })
  ).json.recordedAt;
  await new Promise((resolve) => setTimeout(resolve, 3));
  recorded.elsewhere = (
    await running.record({
      location: { name: 'Kupiansk-Vuzlovyi' },
      speaker: { party: 'dnr' },
      statedAt: '2025-11-23',
      claim: { predicate: 'fighting' },
    })
  ).json;
  const merged = await running.send('POST', `/v1/locations/${recorded.elsewhere.locationId}/merge`, {
    into: 'kup',
  });
  known.merged = merged.json.recordedAt;
  await running.get(`/v1/locations/kup?after=${merged.json.token}`);
});
afterAll(() => running.stop());

const json = async (path: string, headers?: Record<string, string>) => {
  const answer = await running.get(path, headers);
  expect([path, answer.status]).toEqual([path, 200]);
  return answer.json;
};
const refused = async (path: string, pointer: string) => {
  const { status, json } = await running.get(path);
  expect([path, status, json.errors?.map((one: { pointer: string }) => one.pointer)]).toEqual([
    path,
    422,
    [pointer],
  ]);
};

describe('the past', () => {
  it('of a place, by what was stated and by what was known', async () => {
    const statusOf = async (query: string) => (await json(`/v1/locations/kup?${query}`)).status;
    expect(await statusOf('asOf=2025-11-21')).toBe('contested');
    expect(await statusOf(`knownAt=${known.captured}`)).toBe('claimed');
    expect(await statusOf(`knownAt=${known.denied}`)).toBe('contested');
    expect(await statusOf(`asOf=2025-11-21&knownAt=${known.denied}`)).toBe('claimed');
    expect(await statusOf(`asOf=2025-11-09&knownAt=${known.late}`)).toBe('unclaimed');
    // Known after the day that it is asked about, or before: both are good questions.
    expect(await statusOf(`asOf=2030-01-01&knownAt=${known.captured}`)).toBe('claimed');
    expect(
      await json(`/v1/locations/${recorded.elsewhere.locationId}?knownAt=${known.merged}`),
    ).toMatchObject({ id: 'kup', mergedFrom: recorded.elsewhere.locationId });
    expect(
      (await running.get(`/v1/locations/${recorded.elsewhere.locationId}?knownAt=${known.late}`)).status,
    ).toBe(404);
  });

  it('of lists and of the map', async () => {
    const query = `asOf=2025-11-21&knownAt=${known.denied}&bbox=36,49,38,51`;
    expect((await json(`/v1/locations?${query}`)).items).toMatchObject([
      { id: 'kup', status: 'claimed' },
      { id: 'vov', status: 'unclaimed' },
    ]);
    expect((await json(`/v1/locations?${query}`, GEOJSON)).features).toMatchObject([
      {
        id: 'kup',
        geometry: { coordinates: [37.6, 49.7] },
        properties: { status: 'claimed', asOf: '2025-11-21T23:59:59.999Z', knownAt: known.denied },
      },
      { id: 'vov', properties: { status: 'unclaimed' } },
    ]);
    expect((await json('/v1/locations?asOf=2025-11-21&status=contested', GEOJSON)).features).toMatchObject([
      { id: 'kup' },
    ]);
    expect((await json('/v1/locations?asOf=2025-11-15&status=claimed&limit=1')).items).toMatchObject([
      { id: 'kup', control: [{ holder: 'ukraine' }] },
    ]);
  });

  it('of a timeline and a history', async () => {
    const ids = async (query: string) =>
      (await json(`/v1/locations/kup/timeline?${query}`)).items.map(
        (one: { statementId: string }) => one.statementId,
      );
    const { captured, denied, late, elsewhere } = recorded;
    expect(await ids('')).toEqual([late, captured, denied, elsewhere].map(({ statementId }) => statementId));
    expect(await ids(`asOf=2025-11-21&knownAt=${known.denied}`)).toEqual([captured.statementId]);
    expect((await json(`/v1/locations/kup/timeline?knownAt=${known.late}`)).items.at(-1).voided).toBeNull();
    expect(
      (await json(`/v1/locations/kup/timeline?knownAt=${known.voided}`)).items.at(-1).voided,
    ).toMatchObject({ reason: 'a mistake' });

    const history = async (query: string) =>
      (await json(`/v1/locations/kup/history?${query}`)).items.map(
        ({ from, to, status }: Record<string, string | null>) => [
          from?.slice(0, 10),
          to?.slice(0, 10),
          status,
        ],
      );
    expect(await history('')).toEqual([
      ['2025-11-10', '2025-11-20', 'claimed'],
      ['2025-11-20', undefined, 'contested'],
    ]);
    expect(await history('asOf=2025-11-15')).toEqual([['2025-11-10', undefined, 'claimed']]);
    expect(await history(`knownAt=${known.denied}`)).toEqual([
      ['2025-11-20', '2025-11-22', 'claimed'],
      ['2025-11-22', undefined, 'contested'],
    ]);
  });
});

describe('what changed', () => {
  it('between two times, as believed now', async () => {
    const { items } = await json('/v1/changes?from=2025-11-10&to=2025-11-20');
    expect(items).toEqual([
      {
        id: 'kup',
        name: 'Kupyansk',
        coordinates: [37.6, 49.7],
        at: '2025-11-10T00:00:00.000Z',
        from: { status: 'unclaimed', holders: [] },
        to: { status: 'claimed', rule: 'claimed/one-side', holders: ['ukraine'] },
        eventId: recorded.late.eventId,
      },
      {
        id: 'kup',
        name: 'Kupyansk',
        coordinates: [37.6, 49.7],
        at: '2025-11-20T00:00:00.000Z',
        from: { status: 'claimed', holders: ['ukraine'] },
        to: { status: 'contested', rule: 'contested/two-holders', holders: ['russia', 'ukraine'] },
        eventId: recorded.captured.eventId,
      },
    ]);
    expect((await json('/v1/changes?from=2025-11-11&to=2025-11-19')).items).toEqual([]);
    expect((await json('/v1/changes?status=contested')).items).toEqual([items[1]]);
    expect((await json('/v1/changes?side=DNR')).items).toEqual([items[1]]);
    expect((await json('/v1/changes?bbox=36,49,38,51')).items).toEqual(items);
    expect((await json('/v1/changes?bbox=0,0,1,1')).items).toEqual([]);
    const first = await json('/v1/changes?limit=1');
    expect((await json(`/v1/changes?limit=1&cursor=${first.nextCursor}`)).items).toEqual([items[1]]);
  });

  it('as it was known', async () => {
    const at = async (knownAt: string) =>
      (await json(`/v1/changes?knownAt=${knownAt}`)).items.map(
        (one: { at: string; to: { status: string } }) => [one.at.slice(0, 10), one.to.status],
      );
    expect(await at(known.registered)).toEqual([]);
    expect(await at(known.captured)).toEqual([['2025-11-20', 'claimed']]);
    expect(await at(known.denied)).toEqual([
      ['2025-11-20', 'claimed'],
      ['2025-11-22', 'contested'],
    ]);
  });
});

describe('two moments', () => {
  it('side by side, with what differs', async () => {
    const { a, b, differences } = await json('/v1/locations/kup/compare?a=2025-11-15&b=2025-11-21');
    expect([a.status, a.asOf, b.status, b.asOf]).toEqual([
      'claimed',
      '2025-11-15T23:59:59.999Z',
      'contested',
      '2025-11-21T23:59:59.999Z',
    ]);
    expect(differences).toMatchObject({
      status: { a: { status: 'claimed' }, b: { status: 'contested', since: '2025-11-20T00:00:00.000Z' } },
      control: [{ holder: 'russia', a: null, b: { standing: 'claimed' } }],
      flags: [],
      statements: {
        items: [
          {
            a: 'unseen',
            b: 'counts',
            statement: { statementId: recorded.captured.statementId, speaker: { name: 'Valery Gerasimov' } },
          },
        ],
        nextCursor: null,
      },
    });
  });

  it('with what was known at each', async () => {
    const { a, b, differences } = await json(`/v1/locations/kup/compare?a=2025-11-22@${known.denied}`);
    expect([a.knownAt, b.knownAt, b.asOf]).toEqual([known.denied, null, null]);
    expect(differences.flags).toMatchObject([{ flag: 'fighting', a: null }]);
    const bearings = differences.statements.items.map(
      (one: { a: string; b: string; statement: { statementId: string } }) => [
        one.statement.statementId,
        one.a,
        one.b,
      ],
    );
    expect(bearings).toEqual([
      [recorded.late.statementId, 'unseen', 'counts'],
      [recorded.denied.statementId, 'counts', 'voided'],
      [recorded.elsewhere.statementId, 'unseen', 'counts'],
    ]);
    const page = await json(`/v1/locations/kup/compare?a=2025-11-22@${known.denied}&b=now&limit=2`);
    const rest = await json(
      `/v1/locations/kup/compare?a=2025-11-22@${known.denied}&b=now&limit=2&cursor=${page.differences.statements.nextCursor}`,
    );
    expect([...page.differences.statements.items, ...rest.differences.statements.items]).toEqual(
      differences.statements.items,
    );
    expect(await json(`/v1/locations/kup/compare?a=now&b=now`)).toMatchObject({
      differences: { status: null, control: [], flags: [], statements: { items: [] } },
    });
    expect(
      await json(`/v1/locations/${recorded.elsewhere.locationId}/compare?a=@${known.late}`),
    ).toMatchObject({ a: null, b: { id: 'kup', mergedFrom: recorded.elsewhere.locationId } });
    expect((await running.get('/v1/locations/nowhere/compare?a=now')).status).toBe(404);
  });
});

describe('bad questions', () => {
  it('name what is wrong', async () => {
    await refused('/v1/changes?from=2025-11-21&to=2025-11-20', '/from');
    await refused('/v1/locations/kup/timeline?from=2025-11-21&to=2025-11-20', '/from');
    await refused('/v1/statements?from=2025-11-21T00:00:01Z&to=2025-11-21T00:00:00Z', '/from');
    await refused('/v1/changes?status=lost', '/status/0');
    await refused('/v1/changes?asOf=2025-11-20', '/asOf');
    await refused('/v1/changes?knownAt=soon', '/knownAt');
    await refused('/v1/changes?cursor=x', '/cursor');
    await refused(`/v1/changes?cursor=x&knownAt=${known.late}`, '/cursor');
    await refused('/v1/locations/kup/compare', '/a');
    for (const a of [
      '@',
      '',
      'now@2025-11-20',
      '2025-11-20@now',
      '2025-11-20@2025-11-21@2025-11-22',
      '2025-13-01',
      'yesterday',
    ])
      await refused(`/v1/locations/kup/compare?a=${a}`, '/a');
    await refused('/v1/locations/kup/compare?a=now&b=2025-11-31', '/b');
    await refused('/v1/locations/kup/compare?a=now&cursor=x', '/cursor');
    await refused('/v1/locations/kup/history?asOf=x', '/asOf');
    expect((await running.get('/v1/changes?from=2025-11-20&to=2025-11-20')).status).toBe(200);
  });

  it('are described', async () => {
    const { paths, components } = await json('/openapi.json');
    const parametersOf = (path: string) =>
      paths[path].get.parameters.map(({ name }: { name: string }) => name);
    expect(parametersOf('/v1/changes')).toEqual(
      expect.arrayContaining(['from', 'to', 'status', 'side', 'bbox', 'knownAt', 'limit', 'cursor']),
    );
    expect(parametersOf('/v1/locations/{id}/compare')).toEqual(expect.arrayContaining(['id', 'a', 'b']));
    expect(parametersOf('/v1/locations/{id}/history')).toEqual(expect.arrayContaining(['asOf', 'knownAt']));
    expect(
      paths['/v1/locations/{id}/compare'].get.parameters
        .filter(({ required }: { required: boolean }) => required)
        .map(({ name }: { name: string }) => name),
    ).toEqual(['id', 'a']);
    expect(Object.keys(components.schemas)).toEqual(expect.arrayContaining(['Changes', 'Comparison']));
  });
});
