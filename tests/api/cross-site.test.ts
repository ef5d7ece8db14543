import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseSetCookie } from 'cookie';
import pg from 'pg';
import { fixedKey, startWithKey } from '../support/key-holders.js';
import { raw, type RawRequest } from './raw.js';
import { PLAIN, type Running } from './running.js';

const CHIEF = fixedKey('c0ffee000001', 'Desk', ['admin']);
const KEY = CHIEF.key;

let running: Running;
let database: pg.Client;
let statement: string;
let place: string;
/** The cookie of somebody who is signed in. */
let cookie: string;

beforeAll(async () => {
  running = await startWithKey(CHIEF);
  database = new pg.Client({ connectionString: running.databaseUrl });
  await database.connect();
  ({ statementId: statement, locationId: place } = (await running.record()).json);
  const [set] = (await running.send('POST', '/v1/session', { key: KEY })).headers.getSetCookie();
  const { name, value } = parseSetCookie(set!);
  cookie = `${name}=${value}`;
});
afterAll(async () => {
  await database.end();
  await running.stop();
});

/** All that a write leaves behind. */
async function recorded(): Promise<object> {
  const { rows } = await database.query<object>(
    `select (select count(*)::int from claimline.events) as events, (select count(*)::int from claimline.replays) as replays,
       (select count(*)::int from claimline.sessions) as sessions,
       (select count(*)::int from claimline.quotes where erased_at is not null) as erased`,
  );
  return rows[0]!;
}

const JSON_BODY = { 'content-type': 'application/json' };
const REMARKS = JSON.stringify({ by: 'a page', reason: 'none' });

/** What a page can have a browser send: links, forms, and scripts. */
const writes = (): [what: string, path: string, request: RawRequest][] => [
  ['a void without a body', `/v1/statements/${statement}/void`, { method: 'POST' }],
  [
    'a void as text',
    `/v1/statements/${statement}/void`,
    { method: 'POST', headers: { 'content-type': 'text/plain' }, body: REMARKS },
  ],
  [
    'a void as a form',
    `/v1/statements/${statement}/void`,
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: 'by=a&reason=b',
    },
  ],
  [
    'a void as a form with files',
    `/v1/statements/${statement}/void`,
    { method: 'POST', headers: { 'content-type': 'multipart/form-data; boundary=x' }, body: '--x--' },
  ],
  [
    'a void as JSON',
    `/v1/statements/${statement}/void`,
    { method: 'POST', headers: JSON_BODY, body: REMARKS },
  ],
  ['a reinstatement', `/v1/statements/${statement}/void`, { method: 'DELETE' }],
  ['the erasure of a quote', `/v1/statements/${statement}/quote`, { method: 'DELETE' }],
  [
    'a statement',
    '/v1/statements',
    { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ ...PLAIN, statedAt: '2025-11-24' }) },
  ],
  [
    'statements, as lines',
    '/v1/statements',
    {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: `${JSON.stringify({ ...PLAIN, statedAt: '2025-11-25' })}\n`,
    },
  ],
  [
    'countries',
    `/v1/locations/${place}/countries`,
    { method: 'PUT', headers: JSON_BODY, body: '{"countries":["UA"]}' },
  ],
  [
    'a place',
    '/v1/locations',
    { method: 'POST', headers: JSON_BODY, body: '{"names":[{"name":"Nowhere"}]}' },
  ],
  [
    'a merge',
    `/v1/locations/${place}/merge`,
    { method: 'POST', headers: JSON_BODY, body: '{"into":"gn-1"}' },
  ],
  ['a rebuild', '/v1/replays', { method: 'POST', headers: JSON_BODY, body: '{"kind":"rebuild"}' }],
  ['a sign-in', '/v1/session', { method: 'POST', headers: JSON_BODY, body: JSON.stringify({ key: KEY }) }],
  ['a sign-out', '/v1/session', { method: 'DELETE' }],
];

/** What browsers say of where a request comes from. */
const FOREIGN: Record<string, Record<string, string>> = {
  'another site': {
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'cors',
  },
  'a form of another site': {
    origin: 'https://evil.example',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
  },
  'a service on another port of this machine': {
    origin: 'http://127.0.0.1:8080',
    'sec-fetch-site': 'same-site',
  },
  'another site, in an older browser': { origin: 'https://evil.example' },
  'a frame without an origin': { origin: 'null', 'sec-fetch-site': 'cross-site' },
  'a link with a password': { 'sec-fetch-site': 'cross-site', authorization: 'Basic YTpi' },
};

describe.each(Object.entries(FOREIGN))('from %s', (_, foreign) => {
  it.each([false, true])(
    'no write is taken, and nothing is recorded; with a session: %s',
    async (signedIn) => {
      const before = await recorded();
      for (const [what, path, { headers, ...request }] of writes()) {
        const answer = await raw(running, path, {
          ...request,
          headers: { ...headers, ...foreign, ...(signedIn && { cookie }) },
        });
        expect([what, answer]).toMatchObject([
          what,
          { status: 403, json: { type: 'urn:claimline:problem:origin-refused', status: 403 } },
        ]);
        expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
      }
      expect(await recorded()).toEqual(before);
    },
  );

  it('no preflight is answered with a permission', async () => {
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const { status, headers } = await raw(running, `/v1/statements/${statement}/void`, {
        method: 'OPTIONS',
        headers: {
          ...foreign,
          'access-control-request-method': method,
          'access-control-request-headers': 'content-type',
        },
      });
      expect(status).toBe(204);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('what is read carries no permission to show it to a page', async () => {
    const { status, headers } = await raw(running, '/v1/parties', { headers: foreign });
    expect(status).toBe(200);
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
  });
});

it('a session alone is not enough: the browser has to say that the page is of this service', async () => {
  const before = await recorded();
  for (const [what, path, { headers, ...request }] of writes())
    expect([what, await raw(running, path, { ...request, headers: { ...headers, cookie } })]).toMatchObject([
      what,
      { status: 403, json: { type: 'urn:claimline:problem:origin-refused' } },
    ]);
  expect(await recorded()).toEqual(before);
});

describe('a write is taken', () => {
  const own = (): Record<string, Record<string, string>> => ({
    'of a program': {},
    'of a program with a key': { authorization: `Bearer ${KEY}` },
    'of a page of this service': { origin: running.url, 'sec-fetch-site': 'same-origin' },
    'of a page of this service, with a session': {
      origin: running.url,
      'sec-fetch-site': 'same-origin',
      cookie,
    },
    'of an older browser': { origin: running.url, cookie },
  });

  it.each([
    'of a program',
    'of a program with a key',
    'of a page of this service',
    'of a page of this service, with a session',
    'of an older browser',
  ])('%s', async (who) => {
    const headers = { ...own()[who], ...JSON_BODY };
    const said = { ...PLAIN, source: { outlet: 'example.org', quote: who } };
    const answer = await raw(running, '/v1/statements', {
      method: 'POST',
      headers,
      body: JSON.stringify(said),
    });
    expect([who, answer.status]).toEqual([who, 201]);
    const path = `/v1/statements/${answer.json.statementId}/void`;
    expect(await raw(running, path, { method: 'POST', headers, body: REMARKS })).toMatchObject({
      status: 201,
    });
    expect(await raw(running, path, { method: 'DELETE', headers: own()[who]! })).toMatchObject({
      status: 200,
    });
  });

  it('only as JSON or lines of JSON, whoever sends it', async () => {
    const before = await recorded();
    for (const headers of Object.values(own()))
      for (const type of [
        'text/plain',
        'text/plain; application/json',
        'text/plain;charset=UTF-8',
        'application/x-www-form-urlencoded',
        'multipart/form-data; boundary=x',
        'application/jsonp',
      ])
        for (const body of [REMARKS, ''])
          expect([
            type,
            await raw(running, `/v1/statements/${statement}/void`, {
              method: 'POST',
              headers: { ...headers, 'content-type': type },
              body,
            }),
          ]).toMatchObject([type, { status: 415 }]);
    expect(await recorded()).toEqual(before);
  });
});

describe('the Host', () => {
  it.each([
    '127.0.0.1',
    '127.0.0.1:3000',
    'localhost',
    'localhost:65535',
    'LOCALHOST:1',
    '[::1]',
    '[::1]:3000',
    'page.localhost:80',
    '192.168.1.7:3000',
  ])('%s is served, with any port', async (host) => {
    expect(await raw(running, '/v1/parties', { headers: { host } })).toMatchObject({ status: 200 });
  });

  it.each([
    'evil.example',
    'evil.example:3000',
    '127.0.0.1.evil.example',
    'localhost.evil.example:3000',
    'claimline',
  ])('%s is not: nothing is shown and nothing recorded', async (host) => {
    const before = await recorded();
    // A page that has rebound its name is of the same origin.
    const same = { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' };
    for (const [what, path, { headers, ...request }] of writes())
      for (const more of [
        {},
        { cookie },
        { authorization: `Bearer ${KEY}` },
        { 'x-forwarded-host': 'localhost' },
      ] as Record<string, string>[])
        expect([
          what,
          await raw(running, path, { ...request, headers: { ...headers, ...same, ...more } }),
        ]).toMatchObject([what, { status: 421, json: { type: 'urn:claimline:problem:host-unknown' } }]);
    for (const [method, path] of [
      ['GET', '/v1/parties'],
      ['GET', '/v1/session'],
      ['GET', '/docs'],
      ['GET', '/metrics'],
      ['GET', '/nothing?/healthz'],
      ['GET', '/healthz/../v1/parties'],
      ['OPTIONS', '/v1/statements'],
      ['PATCH', '/v1/statements'],
      ['HEAD', '/v1/stream'],
    ] as const)
      expect([path, await raw(running, path, { method, headers: same })]).toMatchObject([
        path,
        { status: 421, ...(method !== 'HEAD' && { json: { type: 'urn:claimline:problem:host-unknown' } }) },
      ]);
    expect(await recorded()).toEqual(before);
  });

  it('does not matter to a probe of health', async () => {
    for (const path of ['/healthz', '/readyz', '/healthz?a=1'])
      for (const host of ['10.0.0.7:3000', 'pod-7.claims.svc', 'evil.example'])
        expect([path, await raw(running, path, { headers: { host } })]).toMatchObject([
          path,
          { status: 200 },
        ]);
  });

  it('is left out by no browser: a program that speaks HTTP/1.0 is served', async () => {
    const { hostname, port } = new URL(running.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    socket.write('GET /v1/parties HTTP/1.0\r\n\r\n');
    let answer = '';
    for await (const piece of socket.setEncoding('utf8')) answer += piece as string;
    expect(answer).toMatch(/^HTTP\/1\.[01] 200 /);
  });
});

describe('with ALLOWED_HOSTS, PUBLIC_URL and CORS_ORIGINS', () => {
  const PAGE = 'https://page.example';
  let open: Running;
  beforeAll(async () => {
    open = await startWithKey(CHIEF, {
      DATABASE_URL: running.databaseUrl,
      ALLOWED_HOSTS: 'claims.example,claimline',
      PUBLIC_URL: 'https://news.example/claims',
      CORS_ORIGINS: `${PAGE},http://localhost:5173`,
    });
  });
  afterAll(() => open.stop());

  it('these names are served, and still no other', async () => {
    for (const [host, status] of [
      ['claims.example', 200],
      ['Claims.Example:8443', 200],
      ['claimline:3000', 200],
      ['news.example', 200],
      ['localhost:3000', 200],
      ['evil.example', 421],
      ['sub.claims.example', 421],
    ] as const)
      expect([host, (await raw(open, '/v1/parties', { headers: { host } })).status]).toEqual([host, status]);
  });

  it('a page of these origins may ask before it writes, and read the answer', async () => {
    const asked = await raw(open, '/v1/statements', {
      method: 'OPTIONS',
      headers: {
        origin: PAGE,
        'sec-fetch-site': 'cross-site',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'authorization,content-type',
      },
    });
    expect(asked).toMatchObject({
      status: 204,
      headers: {
        'access-control-allow-origin': PAGE,
        'access-control-allow-credentials': 'true',
        'access-control-allow-methods': expect.stringContaining('POST'),
        'access-control-allow-headers': expect.stringContaining('authorization'),
        'access-control-max-age': '600',
        allow: 'GET, HEAD, POST, OPTIONS',
      },
    });
    const from = { origin: PAGE, 'sec-fetch-site': 'cross-site', ...JSON_BODY };
    for (const [body, status] of [
      [JSON.stringify({ ...PLAIN, statedAt: '2025-11-26' }), 201],
      ['{}', 422],
    ] as const)
      expect(await raw(open, '/v1/statements', { method: 'POST', headers: from, body })).toMatchObject({
        status,
        headers: { 'access-control-allow-origin': PAGE },
      });
    const read = await raw(open, '/v1/parties', { headers: { origin: PAGE } });
    expect(read.headers).toMatchObject({
      'access-control-allow-origin': PAGE,
      'access-control-expose-headers': expect.stringContaining('etag'),
      vary: expect.stringMatching(/origin/i),
    });
  });

  it('a page of the public address may write, whatever Host the proxy gives', async () => {
    expect(
      await raw(open, '/v1/statements', {
        method: 'POST',
        headers: { origin: 'https://news.example', ...JSON_BODY },
        body: '{}',
      }),
    ).toMatchObject({ status: 422 });
  });

  it.each([
    'https://evil.example',
    'https://page.example.evil.example',
    'http://page.example',
    'null',
    'https://page.example:8443',
  ])('a page of %s may neither read nor write', async (origin) => {
    const before = await recorded();
    const read = await raw(open, '/v1/parties', { headers: { origin } });
    expect(read.headers).not.toHaveProperty('access-control-allow-origin');
    const asked = await raw(open, '/v1/statements', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST' },
    });
    expect(asked.headers).not.toHaveProperty('access-control-allow-origin');
    for (const [what, path, { headers, ...request }] of writes())
      expect([
        what,
        await raw(open, path, { ...request, headers: { ...headers, origin, cookie } }),
      ]).toMatchObject([
        what,
        {
          status: 403,
          headers: expect.not.objectContaining({ 'access-control-allow-origin': expect.anything() }),
        },
      ]);
    expect(await recorded()).toEqual(before);
  });

  it('OPTIONS says as before what a path takes, and that nothing is at others', async () => {
    expect(await raw(open, '/v1/statements', { method: 'OPTIONS' })).toMatchObject({
      status: 204,
      headers: { allow: 'GET, HEAD, POST, OPTIONS' },
    });
    for (const headers of [{}, { origin: PAGE, 'access-control-request-method': 'POST' }] as Record<
      string,
      string
    >[])
      expect(await raw(open, '/v1/nothing', { method: 'OPTIONS', headers })).toMatchObject({
        status: 404,
        json: { type: 'urn:claimline:problem:not-found' },
      });
  });
});

describe('every answer', () => {
  const SAID = {
    'content-security-policy':
      "default-src 'none';script-src 'self';worker-src 'self';style-src 'self';img-src 'self' data: blob:;" +
      "connect-src 'self';font-src 'self';base-uri 'none';form-action 'self';frame-ancestors 'self';object-src 'none'",
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cross-origin-opener-policy': 'same-origin',
  };

  it.each([
    ['of JSON', '/v1/parties', {}, 200],
    ['of text', '/metrics', {}, 200],
    ['of the page', '/docs', {}, 200],
    ['of a script', '/docs/assets/swagger-ui-bundle.js', {}, 200],
    ['of a stream', '/v1/stream', { method: 'HEAD' }, 200],
    ['of lines', '/v1/events', { headers: { accept: 'application/x-ndjson' } }, 200],
    ['where nothing is', '/nothing', {}, 404],
    ['of a path that cannot be read', '/v1/%ZZ', {}, 400],
    ['of a wrong method', '/v1/parties', { method: 'POST' }, 405],
    ['of a wrong body', '/v1/statements', { method: 'POST', headers: JSON_BODY, body: '{' }, 400],
    ['that is refused', '/v1/parties', { headers: { host: 'evil.example' } }, 421],
    ['to OPTIONS', '/v1/parties', { method: 'OPTIONS' }, 204],
  ] as [string, string, RawRequest, number][])(
    '%s says what a browser may do with it',
    async (_, path, request, status) => {
      const answer = await raw(running, path, request);
      expect(answer).toMatchObject({ status, headers: SAID });
      expect(answer.headers).not.toHaveProperty('x-powered-by');
    },
  );

  it('without a body says the same', async () => {
    const path = `/v1/locations/${place}`;
    const { etag } = (await raw(running, path)).headers;
    for (const [status, request] of [
      [200, { method: 'HEAD' }],
      [304, { headers: { 'if-none-match': etag! } }],
      [304, { method: 'HEAD', headers: { 'if-none-match': etag! } }],
    ] as [number, RawRequest][]) {
      const answer = await raw(running, path, request);
      expect(answer).toMatchObject({ status, headers: SAID });
      expect(answer.body).toHaveLength(0);
    }
  });
});
