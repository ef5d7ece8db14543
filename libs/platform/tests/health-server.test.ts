import { afterEach, describe, expect, test } from '@jest/globals';
import { request } from 'node:http';
import { Registry } from 'prom-client';
import { readSettings } from '#libs/platform';
import { type HealthServer, startHealthServer, startMetricsServer } from '../src/health-server.js';
import { Readiness } from '../src/readiness.js';
import { requestIdOf } from '../src/request-id.js';

let server: HealthServer | undefined;
afterEach(() => server?.close());

const AT = { host: '127.0.0.1', port: 0, settings: readSettings({ ALLOWED_HOSTS: 'claims.example' }) };
const OPEN = { open: () => 'everything', refuseMetrics: async () => undefined };

test('a process without an API says why it is not ready, in a problem with the id of the request', async () => {
  const readiness = new Readiness();
  readiness.add('relay', async () => 'the broker is away');
  server = await startHealthServer(readiness, new Registry(), { ...AT, access: OPEN });
  const given = await fetch(`${server.url}/readyz`, { headers: { 'x-request-id': 'mine' } });
  expect([given.status, given.headers.get('x-request-id')]).toEqual([503, 'mine']);
  expect(await given.json()).toMatchObject({
    type: 'urn:claimline:problem:not-ready',
    detail: expect.stringContaining('the broker is away'),
    requestId: 'mine',
  });
  const made = await fetch(`${server.url}/healthz`);
  expect(made.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test.each([
  ['a', true],
  ['0b7f4c1e-5d0a-4a53-9f0e-2f4c2f6f2a11', true],
  ['Root=1-67891233-abc/de+f:@x_y.z', true],
  ['a'.repeat(128), true],
  ['a'.repeat(129), false],
  ['', false],
  ['a b', false],
  ['a"b', false],
  ['Łódź', false],
])('the id %j is taken over: %s', (given, taken) => {
  const id = requestIdOf({ headers: { 'x-request-id': given } });
  if (taken) expect(id).toBe(given);
  else expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4/);
});

describe.each([
  [
    'of a process without an API',
    () => startHealthServer(new Readiness(), new Registry(), { ...AT, access: OPEN }),
  ],
  ['of METRICS_PORT', () => startMetricsServer(new Registry(), AT)],
])('given the server %s', (_, start) => {
  /** `fetch` sets the Host itself. */
  async function ask(path: string, options: { method?: string; host?: string; type?: string } = {}) {
    const { method = 'GET', host = 'localhost', type } = options;
    const headers = { host, ...(type && { 'content-type': type, 'content-length': 1 }) };
    const sent = request(`${server!.url}${path}`, { method, headers });
    const answer = await new Promise<import('node:http').IncomingMessage>((resolve, reject) =>
      sent
        .on('response', resolve)
        .on('error', reject)
        .end(type && '{'),
    );
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    return { status: answer.statusCode, type: answer.headers['content-type'], headers: answer.headers, text };
  }
  const problem = (status: number, code: string) => ({
    status,
    type: 'application/problem+json; charset=utf-8',
    text: expect.stringContaining(`"urn:claimline:problem:${code}"`),
    headers: expect.objectContaining({ 'x-request-id': expect.any(String) }),
  });

  test('when it is asked under a name that is not served, then it answers 421, but for the probes', async () => {
    server = await start();
    expect(await ask('/metrics', { host: 'evil.example' })).toEqual(problem(421, 'host-unknown'));
    for (const path of ['/healthz', '/readyz'])
      expect((await ask(path, { host: 'evil.example' })).status).not.toBe(421);
    for (const host of ['claims.example', '127.0.0.1:1', 'localhost'])
      expect((await ask('/metrics', { host })).status).toBe(200);
  });

  test('when it is asked for what it has not, then it answers a problem', async () => {
    server = await start();
    expect(await ask('/nothing')).toEqual(problem(404, 'not-found'));
    expect(await ask('/nothing', { method: 'POST', type: 'text/csv' })).toEqual(problem(404, 'not-found'));
    const refused = await ask('/metrics', { method: 'POST', type: 'application/json' });
    expect(refused).toEqual(problem(405, 'method-not-allowed'));
    expect(refused.headers.allow).toBe('GET, HEAD');
    expect((await ask('/%E0%A4%A')).type).toContain('application/problem+json');
  });
});
