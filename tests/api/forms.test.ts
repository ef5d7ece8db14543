import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { raw } from './raw.js';
import { PLAIN, startRunning, type Running } from './running.js';

const JSON_TYPE = 'application/json';
const GEOJSON = 'application/geo+json';
const NDJSON = 'application/x-ndjson';
const BROWSER = 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8';

let running: Running;
let statementId: string;
let eventId: string;
beforeAll(async () => {
  running = await startRunning();
  await running.send('POST', '/v1/locations', {
    id: 'kup',
    names: [{ name: 'Kupyansk' }],
    coordinates: [37.6, 49.7],
    country: 'UA',
    region: 'Kharkiv',
  });
  ({ statementId, eventId } = (await running.record({ location: { id: 'kup' } })).json);
  await running.record({ location: { name: 'Nowhere', coordinates: [30.5, 50.25] }, statedAt: '2025-11-21' });
  await running.record({ location: { name: 'Unplaced' }, statedAt: '2025-11-22' });
  await running.send('POST', '/v1/locations', { id: 'old', names: [{ name: 'Oldtown' }] });
  await running.record({ location: { id: 'old', coordinates: [1, 2] }, statedAt: '2025-11-23' });
  const merged = await running.send('POST', '/v1/locations/old/merge', { into: 'kup' });
  await running.get(`/v1/locations?after=${merged.json.token}`);
});
afterAll(() => running.stop());

const typeOf = async (path: string, accept?: string) => {
  const { status, headers } = await raw(running, path, accept === undefined ? {} : { headers: { accept } });
  return [accept, status, headers['content-type']?.split(';')[0]];
};

describe('Accept is negotiated', () => {
  it.each([
    [undefined, JSON_TYPE],
    ['', JSON_TYPE],
    ['*/*', JSON_TYPE],
    ['*', JSON_TYPE],
    ['json', JSON_TYPE],
    [BROWSER, JSON_TYPE],
    ['text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2', JSON_TYPE],
    ['application/*', JSON_TYPE],
    ['APPLICATION/JSON', JSON_TYPE],
    ['application/json; charset=utf-8', JSON_TYPE],
    ['application/json;profile="a,b;c";q=0.9, text/html', JSON_TYPE],
    [GEOJSON, GEOJSON],
    ['Application/Geo+JSON', GEOJSON],
    [`${GEOJSON};q=0.5, ${JSON_TYPE};q=0.4`, GEOJSON],
    [`${JSON_TYPE}, ${GEOJSON};q=0.9`, JSON_TYPE],
    [`${JSON_TYPE};q=0.1, ${GEOJSON};charset=utf-8;q=0.9`, GEOJSON],
    [`${GEOJSON};q=0, */*`, JSON_TYPE],
    [`${JSON_TYPE};q=0, */*;q=0.1`, GEOJSON],
    [`text/${GEOJSON.replace('/', '-')}, ${JSON_TYPE}`, JSON_TYPE],
    ['application/geo+jsonx, application/json', JSON_TYPE],
    [`${GEOJSON}, */*;q=0.1`, GEOJSON],
  ])('%j', async (accept, type) => {
    for (const path of [
      '/v1/locations',
      '/v1/locations/kup',
      '/v1/locations/kup/timeline',
      '/v1/statements',
      `/v1/statements/${statementId}`,
    ])
      expect([path, ...(await typeOf(path, accept))]).toEqual([path, accept, 200, type]);
  });

  it('of the log, checkpoints, metrics and the live stream, too', async () => {
    const wanted: [string, string | undefined, string][] = [
      ['/v1/events', NDJSON, NDJSON],
      ['/v1/events', `${NDJSON}; end=token`, NDJSON],
      ['/v1/events', `${NDJSON};q=0.1, ${JSON_TYPE}`, JSON_TYPE],
      ['/v1/events', `${NDJSON};q=0, */*`, JSON_TYPE],
      ['/v1/events', BROWSER, JSON_TYPE],
      ['/v1/events', undefined, JSON_TYPE],
      ['/v1/checkpoint', 'text/plain', 'text/plain'],
      ['/v1/checkpoint', 'text/*', 'text/plain'],
      ['/v1/checkpoint', 'text/plain;q=0.2, application/json', JSON_TYPE],
      ['/v1/checkpoint', BROWSER, JSON_TYPE],
      [
        '/metrics',
        'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.1',
        'text/plain',
      ],
      ['/metrics', 'text/plain', 'text/plain'],
      ['/metrics', BROWSER, 'text/plain'],
    ];
    for (const [path, accept, type] of wanted)
      expect([path, ...(await typeOf(path, accept))]).toEqual([path, accept, 200, type]);
    expect(
      (await raw(running, '/v1/stream', { method: 'HEAD', headers: { accept: 'text/event-stream' } })).status,
    ).toBe(200);
  });

  it('what there is no form of is 406, which lists those that there are', async () => {
    const none: [string, string, string[]][] = [
      ['/v1/locations', 'text/html', [JSON_TYPE, GEOJSON]],
      ['/v1/locations/kup', 'application/xml, text/csv', [JSON_TYPE, GEOJSON]],
      ['/v1/locations/kup', `${JSON_TYPE};q=0, ${GEOJSON};q=0`, [JSON_TYPE, GEOJSON]],
      ['/v1/locations/kup/history', GEOJSON, [JSON_TYPE]],
      ['/v1/locations/kup/compare?a=2025', GEOJSON, [JSON_TYPE]],
      ['/v1/changes', GEOJSON, [JSON_TYPE]],
      ['/v1/parties', GEOJSON, [JSON_TYPE]],
      [`/v1/events/${eventId}`, NDJSON, [JSON_TYPE]],
      ['/v1/events', 'text/plain', [JSON_TYPE, NDJSON]],
      ['/v1/checkpoint', GEOJSON, [JSON_TYPE, 'text/plain']],
      ['/v1/checkpoint?from=0:0', 'text/plain', [JSON_TYPE]],
      ['/v1/stream', JSON_TYPE, ['text/event-stream']],
      ['/metrics', JSON_TYPE, ['text/plain']],
    ];
    for (const [path, accept, forms] of none) {
      const { status, json, headers } = await raw(running, path, { headers: { accept } });
      expect([path, status, json]).toMatchObject([
        path,
        406,
        { type: 'urn:claimline:problem:not-acceptable', detail: expect.any(String) },
      ]);
      for (const form of forms) expect(json.detail).toContain(form);
      expect(headers['content-type']).toContain('application/problem+json');
    }
  });

  it('what is written is never refused because of it', async () => {
    expect(
      (
        await running.send(
          'POST',
          '/v1/statements',
          { ...PLAIN, statedAt: '2025-11-24', location: { id: 'kup' } },
          { accept: 'text/html' },
        )
      ).status,
    ).toBe(201);
  });

  it('Vary says so where there are several forms; an ETag is that of its form', async () => {
    for (const path of [
      '/v1/locations',
      '/v1/locations/kup',
      '/v1/locations/kup/timeline',
      '/v1/statements',
      `/v1/statements/${statementId}`,
      '/v1/events',
      '/v1/checkpoint',
    ])
      expect([path, (await raw(running, path)).headers.vary?.toLowerCase()]).toEqual([
        path,
        expect.stringMatching(/(^|, )accept(,|$)/),
      ]);
    const [plain, map] = [
      await raw(running, '/v1/locations/kup'),
      await raw(running, '/v1/locations/kup', { headers: { accept: GEOJSON } }),
    ];
    expect(map.headers.etag).not.toBe(plain.headers.etag);
    for (const [accept, etag, status] of [
      [JSON_TYPE, plain.headers.etag, 304],
      [GEOJSON, map.headers.etag, 304],
      [JSON_TYPE, map.headers.etag, 200],
      [GEOJSON, plain.headers.etag, 200],
    ] as const) {
      const answer = await raw(running, '/v1/locations/kup', { headers: { accept, 'if-none-match': etag! } });
      expect([accept, answer.status, answer.headers.vary?.toLowerCase()]).toEqual([
        accept,
        status,
        expect.stringContaining('accept'),
      ]);
    }
  });
});

describe('GeoJSON', () => {
  const geo = (path: string) => raw(running, path, { headers: { accept: GEOJSON } });

  it('of a place is a Feature, as in the list; also in the past and of a merged one', async () => {
    const { json } = await geo('/v1/locations/kup');
    expect(json).toMatchObject({
      type: 'Feature',
      id: 'kup',
      geometry: { type: 'Point', coordinates: [37.6, 49.7] },
      properties: { id: 'kup', name: 'Kupyansk', status: 'claimed' },
    });
    expect((await geo('/v1/locations')).json.features).toContainEqual(json);
    const { coordinates, ...rest } = (await raw(running, '/v1/locations/kup')).json;
    expect([json.properties, coordinates]).toEqual([rest, json.geometry.coordinates]);
    const past = await geo('/v1/locations/kup?asOf=2025-11-20');
    expect(past.json.properties).toMatchObject({ id: 'kup', asOf: '2025-11-20T23:59:59.999Z' });
    expect(past.headers.link).toContain('rel="bookmark"');
    expect((await geo('/v1/locations/old')).json).toMatchObject({
      id: 'kup',
      properties: { mergedFrom: 'old' },
    });
    expect((await geo('/v1/locations/none')).json).toMatchObject({ status: 404 });
  });

  it('of a timeline is a FeatureCollection of statements, each at its place, page by page', async () => {
    const { items } = (await raw(running, '/v1/locations/kup/timeline')).json;
    const { json, headers } = await geo('/v1/locations/kup/timeline');
    expect(json).toMatchObject({ type: 'FeatureCollection', nextCursor: null });
    expect(json.features.map(({ properties }: { properties: object }) => properties)).toEqual(
      items.map((item: { statementId: string }) => ({ id: item.statementId, ...item })),
    );
    for (const { type, id, geometry, properties } of json.features)
      expect([type, id, geometry]).toEqual([
        'Feature',
        properties.statementId,
        { type: 'Point', coordinates: [37.6, 49.7] },
      ]);
    expect(headers.link).toContain('rel="bookmark"');
    const page = (await geo('/v1/locations/kup/timeline?limit=1')).json;
    expect(page.features).toEqual(json.features.slice(0, 1));
    expect((await geo(`/v1/locations/kup/timeline?limit=1&cursor=${page.nextCursor}`)).json.features).toEqual(
      json.features.slice(1, 2),
    );
  });

  it('of statements: where the register knows no place, where they say themselves, else nowhere', async () => {
    const { json } = await geo('/v1/statements');
    const at = new Map(
      json.features.map(
        ({
          geometry,
          properties,
        }: {
          geometry: { coordinates: number[] } | null;
          properties: { place: { name: string }; locationId: string };
        }) => [properties.place.name, geometry?.coordinates ?? null],
      ),
    );
    expect(Object.fromEntries(at)).toEqual({
      Kupyansk: [37.6, 49.7],
      Nowhere: [30.5, 50.25],
      Unplaced: null,
    });
    expect((await geo(`/v1/statements/${statementId}`)).json).toEqual(
      json.features.find(({ id }: { id: string }) => id === statementId),
    );
    const nowhere = (await raw(running, '/v1/locations?q=Nowhere')).json.items[0].id as string;
    expect((await geo(`/v1/locations/${nowhere}/timeline`)).json.features).toMatchObject([
      { geometry: { coordinates: [30.5, 50.25] } },
    ]);
  });

  it('of a past that did not know the position yet: where it was known to be then', async () => {
    const { json: made } = await running.send('POST', '/v1/locations', {
      id: 'late',
      names: [{ name: 'Late' }],
    });
    const { recordedAt } = (await running.record({ location: { id: 'late' } })).json;
    const { json: moved } = await running.send('PUT', '/v1/locations/late/coordinates', {
      coordinates: [5, 6],
    });
    expect(made.id).toBe('late');
    const [then, now] = [
      await geo(`/v1/locations/late/timeline?knownAt=${recordedAt}`),
      await geo(`/v1/locations/late/timeline?after=${moved.token}`),
    ];
    expect(then.json.features).toMatchObject([{ geometry: null }]);
    expect(now.json.features).toMatchObject([{ geometry: { coordinates: [5, 6] } }]);
  });
});
