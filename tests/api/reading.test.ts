import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLAIN, startRunning, type Running } from './running.js';

const SAMPLE = 'examples/kupiansk-2025-11';

let running: Running;
let token: string;
beforeAll(async () => {
  running = await startRunning({ GAZETTEER_FILE: `${SAMPLE}/gazetteer.ndjson` });
  const answer = await running.send(
    'POST',
    '/v1/statements',
    readFileSync(`${SAMPLE}/statements.ndjson`, 'utf8'),
    { 'content-type': 'application/x-ndjson' },
  );
  const { refused, token: reached } = JSON.parse(answer.text.trim().split('\n').at(-1)!) as {
    refused: number;
    token: string;
  };
  expect(refused).toBe(0);
  token = reached;
  await running.get(`/v1/locations?after=${token}`);
});
afterAll(() => running.stop());

const ids = ({ json }: { json: { items: { id: string }[] } }) => json.items.map(({ id }) => id);

describe('the state of a place', () => {
  it('is Kupiansk, contested', async () => {
    const { status, json, headers } = await running.get('/v1/locations/gn-703656');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain('application/json');
    expect(json).toMatchObject({
      id: 'gn-703656',
      name: 'Kupiansk',
      coordinates: [37.608, 49.717],
      country: 'UA',
      status: 'contested',
      rule: 'contested/two-holders',
      since: '2025-11-21T00:00:00.000Z',
      asOf: null,
      knownAt: null,
      control: [
        { holder: 'russia', actors: ['russia'], standing: 'claimed', extent: null, deniedBy: [] },
        { holder: 'ukraine', standing: 'claimed' },
      ],
      statements: 5,
      rulesetVersion: 'russia-ukraine-2025-11.1',
    });
    expect(json.flags).toMatchObject([
      { flag: 'fighting', holder: null, assertedBy: ['ukraine'], deniedBy: [] },
    ]);
    expect(json.control[0].assertedBy[0]).toEqual({
      side: 'russia',
      party: 'dnr',
      speaker: expect.any(String),
      statedAt: '2025-11-21T00:00:00.000Z',
      statementId: expect.any(String),
      eventId: expect.any(String),
    });
  });

  it('has an ETag: unchanged, it is not sent again', async () => {
    const etag = (await running.get('/v1/locations/gn-703656')).headers.get('etag')!;
    expect(etag).toMatch(/^"[^"]+"$/);
    const again = await running.get('/v1/locations/gn-703656', { 'if-none-match': `"other", W/${etag}` });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await running.get('/v1/locations/gn-703656', { 'if-none-match': '"other"' })).status).toBe(200);
  });

  it('has the same headers unchanged, in each form', async () => {
    const tags = new Map<string, string>();
    for (const accept of ['application/json', 'application/geo+json']) {
      const { headers } = await running.get('/v1/locations/gn-703656', { accept });
      const tag = headers.get('etag')!;
      for (const known of [tag, `W/${tag}`, ` ${tag} `, `"other", ${tag}`, '*']) {
        const again = await running.get('/v1/locations/gn-703656', { accept, 'if-none-match': known });
        expect([known, again.status, again.text]).toEqual([known, 304, '']);
        for (const name of ['etag', 'link', 'cache-control'])
          expect([name, again.headers.get(name)]).toEqual([name, headers.get(name)]);
        expect([...again.headers.keys()].filter((name) => /^content-(?!security)/.test(name))).toEqual([]);
      }
      tags.set(accept, tag);
    }
    // The tag of one form is none of the other.
    for (const [accept, other] of [...tags.keys()].map(
      (form, at, forms) => [form, forms[1 - at]!] as const,
    )) {
      const { status, text } = await running.get('/v1/locations/gn-703656', {
        accept,
        'if-none-match': tags.get(other)!,
      });
      expect([status, JSON.parse(text)]).toEqual([200, expect.objectContaining({ id: 'gn-703656' })]);
    }
  });

  it('asOf and knownAt past moments', async () => {
    expect((await running.get('/v1/locations/gn-703656?asOf=2025-11-20')).json).toMatchObject({
      status: 'claimed',
      asOf: '2025-11-20T23:59:59.999Z',
      statements: 1,
    });
    expect((await running.get('/v1/locations/gn-703656?asOf=2025-11')).json.status).toBe('contested');
    expect((await running.get('/v1/locations/gn-703656?knownAt=2025-11-30')).status).toBe(404);
    const { json } = await running.get(`/v1/locations/gn-703656?knownAt=${new Date().toISOString()}`);
    expect(json.status).toBe('contested');
  });

  it('waits for a token, and says so where it is not reached', async () => {
    const { json } = await running.send('POST', '/v1/statements', {
      ...PLAIN,
      location: { name: 'Token town' },
    });
    expect((await running.get(`/v1/locations/${json.locationId}?after=${json.token}`)).status).toBe(200);
    expect(
      await running.get(`/v1/locations/gn-703656?after=${json.shard}:${json.position + 1000}`),
    ).toMatchObject({ status: 422, json: { errors: [{ pointer: '/after' }] } });
    expect((await running.get('/v1/locations/gn-703656?after=99:1')).status).toBe(422);
    expect((await running.get('/v1/locations/gn-703656?after=x')).status).toBe(422);
    expect((await running.get('/v1/locations/gn-703656?wait=99999&after=0:0')).status).toBe(422);
  });

  it('is 404 where there is no such place', async () => {
    expect(await running.get('/v1/locations/nowhere')).toMatchObject({
      status: 404,
      json: { type: 'urn:claimline:problem:location-not-found' },
    });
    expect((await running.get('/v1/locations/nowhere/timeline')).status).toBe(404);
    expect((await running.get('/v1/locations/nowhere/history')).status).toBe(404);
    expect((await running.get('/v1/locations/%00')).status).toBe(404);
  });
});

describe('lists of places', () => {
  it('page by cursor, every place, in every order, while rows come in', async () => {
    const all = ids(await running.get('/v1/locations?limit=500'));
    for (const order of ['id', 'name', 'changed', 'statements']) {
      const seen: string[] = [];
      let cursor: string | null = '';
      do {
        const page: Awaited<ReturnType<Running['get']>> = await running.get(
          `/v1/locations?limit=2&order=${order}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
        );
        expect(page.status).toBe(200);
        seen.push(...ids(page));
        cursor = page.json.nextCursor;
        await running.record({
          statedAt: `2025-11-${String(seen.length).padStart(2, '0')}`,
          location: { id: 'gn-703656' },
          speaker: { name: `Reader ${order}` },
        });
      } while (cursor);
      expect(new Set(seen)).toEqual(new Set(all));
      // What changes while one reads comes again at the end; an id does not change.
      expect(seen.filter((id) => id !== 'gn-703656')).toHaveLength(all.length - 1);
      expect(seen.filter((id) => id === 'gn-703656').length).toBeLessThanOrEqual(order === 'id' ? 1 : 2);
    }
  });

  it('filter', async () => {
    expect(ids(await running.get('/v1/locations?status=contested'))).toContain('gn-703656');
    expect(ids(await running.get('/v1/locations?status=claimed'))).toContain('gn-689304');
    expect(ids(await running.get('/v1/locations?status=claimed,contested'))).toEqual(
      expect.arrayContaining(['gn-703656', 'gn-689304']),
    );
    expect(ids(await running.get('/v1/locations?side=ukraine'))).toEqual(['gn-703656']);
    expect(ids(await running.get('/v1/locations?side=%D0%94%D0%9D%D0%A0'))).toContain('gn-703656');
    expect(ids(await running.get('/v1/locations?flag=encirclement'))).toContain('gn-706482');
    expect(ids(await running.get(`/v1/locations?q=${encodeURIComponent('волчан')}`))).toEqual(['gn-689304']);
    expect(ids(await running.get('/v1/locations?q=vu'))).toContain('gn-703652');
    expect(ids(await running.get('/v1/locations?q=100%25_'))).toEqual([]);
    expect(ids(await running.get('/v1/locations?bbox=36.9,50.2,37,50.3'))).toEqual(['gn-689304']);
    expect(ids(await running.get('/v1/locations?bbox=170,50.2,37,50.3'))).toEqual(['gn-689304']);
    expect(
      ids(await running.get(`/v1/locations?changedSince=${new Date(Date.now() + 60_000).toISOString()}`)),
    ).toEqual([]);
  });

  it('are a FeatureCollection where that is asked for', async () => {
    const { json, headers } = await running.get('/v1/locations?limit=500', {
      accept: 'application/geo+json',
    });
    expect(headers.get('content-type')).toContain('application/geo+json');
    expect(json.type).toBe('FeatureCollection');
    expect(json.features.find(({ id }: { id: string }) => id === 'gn-703656')).toMatchObject({
      type: 'Feature',
      geometry: { type: 'Point', coordinates: [37.608, 49.717] },
      properties: { status: 'contested' },
    });
    expect(json.features.some(({ geometry }: { geometry: object | null }) => geometry === null)).toBe(true);
  });

  it('refuse a cursor of other filters, broken cursors, unknown parameters', async () => {
    const { nextCursor } = (await running.get('/v1/locations?limit=1')).json;
    expect(
      (await running.get(`/v1/locations?limit=1&status=claimed&cursor=${nextCursor}`)).json,
    ).toMatchObject({ status: 422, errors: [{ pointer: '/cursor' }] });
    for (const query of [
      'cursor=abc',
      'cursor=%00',
      'limit=0',
      'limit=501',
      'limit=x',
      'order=size',
      'status=lost',
      'flag=x',
      'bbox=1,2,3',
      'bbox=0,50,1,40',
      'bbox=0,0,200,1',
      'changedSince=x',
      'colour=red',
      'limit=1&limit=2',
    ])
      expect([query, (await running.get(`/v1/locations?${query}`)).status]).toEqual([query, 422]);
  });
});

describe('timelines, history, statements', () => {
  it('the timeline has all fields of every statement', async () => {
    const { json } = await running.get('/v1/locations/gn-689304/timeline');
    expect(json.items).toMatchObject([
      {
        stance: 'assert',
        type: 'claim.asserted',
        claim: { predicate: 'controls', actor: 'russia', extent: { op: '>', percent: 80 } },
        speaker: { name: 'Valery Gerasimov', party: 'russia', side: 'russia' },
        statedAt: '2025-11-20T00:00:00.000Z',
        statedPrecision: 'day',
        recordedAt: expect.any(String),
        retracted: null,
        voided: null,
      },
    ]);
  });

  it('the timeline filters, orders and pages', async () => {
    const path = '/v1/locations/gn-703656/timeline';
    const all = (await running.get(`${path}?limit=500`)).json.items as {
      statementId: string;
      statedAt: string;
    }[];
    expect(all.map(({ statedAt }) => statedAt)).toEqual(all.map(({ statedAt }) => statedAt).toSorted());
    expect((await running.get(`${path}?limit=500&order=desc`)).json.items).toEqual(all.toReversed());
    expect((await running.get(`${path}?side=ukraine`)).json.items).toHaveLength(2);
    expect((await running.get(`${path}?side=ukraine&stance=deny`)).json.items).toMatchObject([
      { claim: { predicate: 'lost' } },
    ]);
    expect((await running.get(`${path}?predicate=fighting`)).json.items).toHaveLength(1);
    expect((await running.get(`${path}?from=2025-11-21&to=2025-11-21&side=russia`)).json.items).toHaveLength(
      2,
    );
    expect((await running.get(`${path}?asOf=2025-11-20&side=russia`)).json.items).toHaveLength(1);
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { json } = await running.get(`${path}?limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      seen.push(...json.items.map(({ statementId }: { statementId: string }) => statementId));
      cursor = json.nextCursor;
    }
    expect(seen).toEqual(all.map(({ statementId }) => statementId));
  });

  it('history: the intervals with the event that began each', async () => {
    const { json } = await running.get('/v1/locations/gn-706482/history');
    expect(json).toMatchObject({
      items: [{ from: '2025-11-01T00:00:00.000Z', to: null, status: 'unclaimed', holders: [] }],
      nextCursor: null,
    });
    const items = (await running.get('/v1/locations/gn-703656/history')).json.items;
    expect(items.at(-1)).toMatchObject({
      to: null,
      status: 'contested',
      rule: 'contested/two-holders',
      holders: ['russia', 'ukraine'],
    });
    expect(items.at(-2).to).toBe(items.at(-1).from);
    expect((await running.get(`/v1/events/${items.at(-1).eventId}`)).status).toBe(200);
    expect((await running.get('/v1/locations/gn-703656/history?knownAt=2025-11-30')).status).toBe(404);
  });

  it('statements across places, newest first, by every filter', async () => {
    const list = async (query: string) =>
      (await running.get(`/v1/statements?limit=500&${query}`)).json.items as {
        statedAt: string;
        location: { name: string };
      }[];
    expect((await list('speaker=igor%20KIMAKOVSKI')).length).toBe(6);
    expect((await list('party=ukraine')).length).toBe(3);
    expect((await list('party=ДНР')).length).toBe(7);
    expect((await list('outlet=example.org')).length).toBeGreaterThan(3);
    expect((await list('predicate=controls')).length).toBe(1);
    expect((await list('stance=deny')).length).toBe(2);
    expect((await list('from=2025-11-01&to=2025-11-19&party=russia&predicate=encircled')).length).toBe(1);
    const dates = (await list('')).map(({ statedAt }) => statedAt);
    expect(dates).toEqual(dates.toSorted().reverse());
    const [first] = (await running.get('/v1/statements?limit=1')).json.items;
    expect(first.place).toEqual({ id: first.locationId, name: expect.any(String) });
    expect((await running.get(`/v1/statements/${first.statementId}`)).json).toMatchObject({
      statementId: first.statementId,
      retracted: null,
      voided: null,
    });
    expect((await running.get('/v1/statements/00000000-0000-4000-8000-000000000000')).status).toBe(404);
    expect((await running.get('/v1/statements?stance=maybe')).status).toBe(422);
  });

  it('statements by words of the quote, until it is erased, and by outcome', async () => {
    const list = async (query: string) =>
      (await running.get(`/v1/statements?limit=500&${query}`)).json.items as { statementId: string }[];
    const { json } = await running.send('POST', '/v1/statements', {
      stance: 'deny',
      claim: { predicate: 'captured', actor: 'russia' },
      location: { id: 'gn-703656' },
      speaker: { name: 'A quoted spokesman', party: 'ukraine' },
      source: { outlet: 'wire.example', quote: 'Ворог НЕ взяв Куп’янськ' },
      statedAt: '2025-11-20',
    });
    const words = `text=${encodeURIComponent("куп'ян ворог")}`;
    expect(await list(`${words}&after=${json.token}&wait=30000`)).toMatchObject([
      { statementId: json.statementId },
    ]);
    expect((await list(`${words}&stance=assert`)).length).toBe(0);
    // As soon as the erasure is answered.
    await running.send('DELETE', `/v1/statements/${json.statementId}/quote?by=court&reason=order`);
    expect(await list(words)).toEqual([]);

    const { outcomes } = (await running.get('/v1/speakers/A%20quoted%20spokesman')).json;
    const [{ outcome, position }] = outcomes;
    const by = `speaker=A%20quoted%20spokesman&outcome=${outcome}&position=${position}`;
    expect(await list(by)).toMatchObject([{ statementId: json.statementId }]);
    expect(await list(by.replace(/position=\w+/, 'position=for'))).toEqual([]);
  });

  it.each([
    ['text=%21%21', 'text', 'must have a letter or a digit'],
    ['text=a+b+c+d+e+f+g+h+i+j+k', 'text', 'must have at most 10 words'],
    [`text=${'a'.repeat(201)}`, 'text', 'must have at most 200 characters'],
    ['outcome=denied', 'outcome', 'needs `speaker` or `outlet`'],
    ['position=for&party=russia', 'position', 'needs `speaker` or `outlet`'],
    ['outcome=denied&speaker=a&asOf=2025-11-20', 'outcome', 'is that of now: leave out asOf and knownAt'],
    ['position=for&outlet=a&knownAt=2025-11-20', 'position', 'is that of now: leave out asOf and knownAt'],
  ])('statements are not searched by %s', async (query, name, detail) => {
    const answer = await running.get(`/v1/statements?${query}`);
    expect(answer.status).toBe(422);
    expect(answer.json.errors).toEqual([{ pointer: `/${name}`, detail }]);
  });
});

describe('the log', () => {
  it('in pages and as a stream, in order within each shard, by type', async () => {
    const seen: { shard: number; position: number; eventId: string }[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const { json } = await running.get(`/v1/events?limit=7${cursor ? `&after=${cursor}` : ''}`);
      seen.push(...json.items);
      cursor = json.nextCursor;
    }
    const last = new Map<number, number>();
    for (const { shard, position } of seen) {
      expect(position).toBe((last.get(shard) ?? 0) + 1);
      last.set(shard, position);
    }
    const stream = await running.get('/v1/events', { accept: 'application/x-ndjson' });
    expect(
      stream.text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { eventId: string }).eventId),
    ).toEqual(seen.map(({ eventId }) => eventId));
    const claims = (await running.get('/v1/events?limit=500&types=claim.denied')).json;
    expect(claims.items.every(({ type }: { type: string }) => type === 'claim.denied')).toBe(true);
    expect((await running.get(`/v1/events/${seen[0]!.eventId}`)).json).toMatchObject({
      eventId: seen[0]!.eventId,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      chain: expect.any(String),
      schemaVersion: 1,
    });
    expect((await running.get('/v1/events/00000000-0000-4000-8000-000000000000')).status).toBe(404);
    expect((await running.get('/v1/events?types=x')).status).toBe(422);
    expect((await running.get('/v1/events?after=0:99999999')).status).toBe(422);
  });
});

describe('operating', () => {
  it('reports projections, ruleset, parties, health and metrics', async () => {
    const { items } = (await running.get('/v1/projections')).json;
    expect(items).toHaveLength(16);
    expect(items[0]).toMatchObject({
      shard: 0,
      checkpoint: expect.any(Number),
      head: expect.any(Number),
      lag: { events: 0, seconds: 0 },
    });
    expect((await running.get('/v1/ruleset')).json).toMatchObject({
      version: 'russia-ukraine-2025-11.1',
      sides: expect.any(Array),
    });
    expect((await running.get('/v1/parties')).json.items).toContainEqual(
      expect.objectContaining({ id: 'dnr', side: 'russia' }),
    );
    expect((await running.get('/healthz')).status).toBe(200);
    expect((await running.get('/readyz')).status).toBe(200);
    const { text } = await running.get('/metrics');
    for (const name of [
      'claimline_append_seconds',
      'claimline_http_request_seconds',
      'claimline_projection_lag_events',
      'claimline_events_projected_total',
    ])
      expect(text).toContain(name);
  });

  it('describes itself as OpenAPI 3.1, every path of it', async () => {
    const { json } = await running.get('/openapi.json');
    expect(json.openapi).toBe('3.1.0');
    expect(Object.keys(json.paths)).toEqual(
      expect.arrayContaining([
        '/v1/statements',
        '/v1/statements/{statementId}',
        '/v1/locations',
        '/v1/locations/{id}',
        '/v1/locations/{id}/timeline',
        '/v1/events',
        '/v1/events/{eventId}/proof',
        '/v1/checkpoint',
        '/v1/stream',
        '/v1/projections',
        '/healthz',
      ]),
    );
    expect(json.paths['/v1/statements'].post.requestBody.content['application/json'].schema).toEqual({
      $ref: '#/components/schemas/StatementInput',
    });
    expect(JSON.stringify(json.components.schemas.Predicate)).toContain('"withdrew"');
    expect((await running.get('/docs')).text).toContain('swagger');
  });
});
