import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { StatementsController } from '#modules/http';
import { PLAIN, startRunning, type Running } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning({ SHARDS: '2', OPEN: 'all', CORS_ORIGINS: 'https://page.example' });
});
afterAll(() => running.stop());

const NDJSON = { 'content-type': 'application/x-ndjson' };
const twice = JSON.stringify(PLAIN).replace(/}$/, ',"stance":"deny"}');
const recorded = async () => {
  const { json } = await running.get('/v1/events?types=claim.asserted,claim.denied');
  return json.items.length as number;
};

/** Sends a request as it stands. @returns all that is answered until the server closes */
async function sends(...pieces: (string | Buffer)[]): Promise<string> {
  const socket = connect(Number(new URL(running.url).port), '127.0.0.1');
  await once(socket, 'connect');
  let answer = '';
  socket.on('data', (chunk) => (answer += String(chunk))).on('error', () => {});
  for (const piece of pieces) socket.write(piece);
  await once(socket, 'close');
  return answer;
}

describe('given a statement that gives its stance twice', () => {
  test.each([
    ['alone', twice, '/stance'],
    ['in an array', `[${JSON.stringify(PLAIN)},${twice}]`, '/1/stance'],
  ])('when it is sent %s, then it is refused by name and nothing is recorded', async (_, body, pointer) => {
    const before = await recorded();
    expect(await running.send('POST', '/v1/statements', body)).toMatchObject({
      status: 400,
      json: { type: 'urn:claimline:problem:body-malformed', errors: [{ pointer }] },
    });
    expect(await recorded()).toBe(before);
  });

  test('when it is a line, then the line is refused by name', async () => {
    const { text } = await running.send('POST', '/v1/statements?dryRun=true', `${twice}\n`, NDJSON);
    expect(JSON.parse(text.split('\n')[0]!)).toMatchObject({
      line: 1,
      problem: { status: 400, detail: expect.stringContaining('gives /stance twice') },
    });
  });

  test('when a void names its reason twice, then it is refused', async () => {
    const path = '/v1/statements/00000000-0000-4000-8000-000000000000/void';
    expect(await running.send('POST', path, '{"by":"desk","reason":"a","reason":"b"}')).toMatchObject({
      status: 400,
      json: { errors: [{ pointer: '/reason' }] },
    });
  });
});

describe('given NDJSON that stops coming', () => {
  beforeAll(() => {
    running.service.app.get(StatementsController).bodyIdleMs = 300;
  });
  afterAll(() => {
    running.service.app.get(StatementsController).bodyIdleMs = 60_000;
  });
  const line = `${JSON.stringify(PLAIN)}\n`;
  const head = (more = '') =>
    `POST /v1/statements?results=all HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/x-ndjson\r\n` +
    `${more}content-length: 100000\r\n\r\n`;

  test('when the answer has begun, then it ends with the problem, and the connection is closed', async () => {
    const answer = await sends(head(), line);
    expect(answer).toMatch(/^HTTP\/1.1 200 /);
    expect(answer).toMatch(/\{"problem":\{"type":"urn:claimline:problem:body-too-slow".*\r\n0\r\n\r\n$/s);
  }, 30_000);

  test('when it has not, behind a proxy, then it is answered 408 and closed', async () => {
    const answer = await sends(head('x-forwarded-for: 10.0.0.1\r\n'), line);
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
    expect(answer).toMatch(/\r\nconnection: close\r\n/i);
    expect(answer).toContain('"type":"urn:claimline:problem:body-too-slow"');
  }, 30_000);
});

test('given a caller without a key, when what it says looks like a key or the command line, then nobody has signed', async () => {
  for (const [at, by] of [
    'Op (2b495da92381)',
    'root (command line)',
    'Op (2b495da92381)\u200b.',
    'Op （2b495da92381）',
  ].entries()) {
    const { json } = await running.record({ by, location: { name: `Forged ${at}` }, statedAt: '2025-11-21' });
    const event = (await running.get(`/v1/events/${json.eventId}`)).json;
    expect([event.by, event.onBehalfOf]).toEqual([undefined, by]);
    const again = await running.send('POST', `/v1/statements/${json.statementId}/void`, {
      by,
      reason: 'a test',
    });
    const voided = (await running.get(`/v1/events/${again.json.eventId}`)).json;
    expect([voided.by, voided.onBehalfOf]).toEqual([undefined, by]);
    const repeated = await running.send('POST', `/v1/statements/${json.statementId}/void`, {
      by,
      reason: 'a test',
    });
    expect(repeated).toMatchObject({ status: 200, json: { duplicate: true } });
  }
  const { json } = await running.record({ by: 'worker-7 (night) shift', statedAt: '2025-11-22' });
  expect((await running.get(`/v1/events/${json.eventId}`)).json.by).toBe('worker-7 (night) shift');
});

describe('a body of a type that the route does not take', () => {
  const nowhere = '00000000-0000-4000-8000-000000000000';
  test.each([
    ['POST', '/v1/statements/batch'],
    ['POST', `/v1/statements/${nowhere}/void`],
    ['POST', `/v1/statements/${nowhere}/retract`],
    ['POST', `/v1/statements/${nowhere}/correct`],
    ['DELETE', `/v1/statements/${nowhere}/quote`],
    ['POST', '/v1/locations'],
    ['PUT', '/v1/locations/x/coordinates'],
    ['POST', '/v1/replays'],
    ['POST', '/v1/session'],
  ])('when it is sent to %s %s, then the answer names what it takes', async (method, path) => {
    for (const type of ['application/x-ndjson', 'application/jsonl', 'text/csv'])
      expect(await running.send(method, path, '{}\n', { 'content-type': type })).toMatchObject({
        status: 415,
        json: {
          type: 'urn:claimline:problem:media-type-unsupported',
          detail: 'the body must be application/json',
        },
      });
  });

  test('when it is sent to /v1/statements, then both are named', async () => {
    expect(await running.send('POST', '/v1/statements', 'a,b', { 'content-type': 'text/csv' })).toMatchObject(
      { status: 415, json: { detail: 'the body must be application/json or application/x-ndjson' } },
    );
  });
});

describe('an address that cannot be read', () => {
  test.each([
    ['/v1/locations/%E0%A4%A', '%E0%A4'],
    ['/v1/locations?q=%FF', '%FF'],
    ['/v1/locations?q=Ky%C3%AFv%20%D0', '%20%D0'],
    ['/v1/locations?q=50%', '%'],
  ])('when %s is asked for, then the escape is named', async (path, escape) => {
    const answer = await sends(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain(`the address has ${escape}, which is no percent-encoded UTF-8`);
  });

  test('when it has letters as they are, then the answer says how to send them', async () => {
    const answer = await sends('GET /v1/locations?q=Купянськ HTTP/1.1\r\nhost: localhost\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1.1 400 /);
    expect(answer).toContain('percent-encoded');
    const encoded = await running.get(`/v1/locations?q=${encodeURIComponent('Куп’янськ 50%')}`);
    expect(encoded.status).toBe(200);
  });
});

describe('problems name what is wrong', () => {
  const wrong = async (path: string) => (await running.get(path)).json as { status: number; detail: string };
  test.each([
    ['/v1/audit?from=2025-11-02&to=2025-11-01', 'from must not be after to'],
    ['/v1/events?from=2025-11-02&to=2025-11-01', 'from must not be after to'],
    ['/v1/locations?limit=1&limit=2', 'limit may be given once'],
    ['/v1/locations?q=a&q=b', 'q may be given once'],
  ])('422 for %s', async (path, detail) => {
    expect(await wrong(path)).toMatchObject({ status: 422, detail });
  });

  test('404 names the id, and the time by which it was not known', async () => {
    const { json } = await running.record({ location: { name: 'Latecomer' } });
    for (const [path, detail] of [
      ['/v1/locations/nowhere-1', 'no place has the id nowhere-1'],
      ['/v1/locations/nowhere-1/timeline', 'no place has the id nowhere-1'],
      ['/v1/rulesets/never', 'no ruleset of the version never was ever used'],
      ['/v1/replays/no-uuid', 'nothing has the id no-uuid'],
      [`/v1/replays/${json.statementId}`, `no run has the id ${json.statementId}`],
      [`/v1/events/${json.statementId}/proof`, `no event has the id ${json.statementId}`],
      ['/v1/statements/no-uuid', 'nothing has the id no-uuid'],
      [
        `/v1/locations/${json.locationId}?knownAt=2020-01-01T00:00:00Z`,
        `no place with the id ${json.locationId} was known at 2020-01-01T00:00:00.000Z`,
      ],
    ] as const)
      expect(await wrong(path)).toMatchObject({ status: 404, detail });
  });

  test('422 for numbers and lists out of bounds, in our words', async () => {
    const { json } = await running.send('POST', '/v1/statements?dryRun=true', {
      ...PLAIN,
      grading: { credibility: 7 },
      extraction: { confidence: -0.1 },
      via: Array(21).fill('TASS'),
    });
    expect(json.errors).toEqual(
      expect.arrayContaining([
        { pointer: '/grading/credibility', detail: 'must be at most 6' },
        { pointer: '/extraction/confidence', detail: 'must be at least 0' },
        { pointer: '/via', detail: 'must have at most 20 items' },
      ]),
    );
  });

  test('422 for a Last-Event-ID is about that header', async () => {
    for (const id of ['nonsense', '0:999999'])
      expect(
        (await running.get('/v1/stream', { 'last-event-id': id, accept: 'text/event-stream' })).json,
      ).toMatchObject({ status: 422, errors: [{ pointer: '/Last-Event-ID' }] });
  });

  test('403 for a write with a session that does not say where it comes from', async () => {
    const refused = (headers: Record<string, string>) =>
      running.send('POST', '/v1/statements', PLAIN, headers);
    expect((await refused({ cookie: 'claimline-session=x' })).json).toMatchObject({
      type: 'urn:claimline:problem:origin-refused',
      detail: 'a write with a session needs an Origin: send that of PUBLIC_URL, or use a key',
    });
    expect((await refused({ origin: 'https://evil.example' })).json.detail).toContain('https://evil.example');
  });
});

test('given a page of an allowed origin, when it reads, then it may see and set X-Request-Id', async () => {
  const origin = { origin: 'https://page.example' };
  const { headers } = await running.get('/v1/parties', origin);
  expect(headers.get('access-control-expose-headers')).toContain('x-request-id');
  const preflight = await running.send('OPTIONS', '/v1/parties', undefined, {
    ...origin,
    'access-control-request-method': 'GET',
  });
  expect(preflight.headers.get('access-control-allow-headers')).toContain('x-request-id');
});
