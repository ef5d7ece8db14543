import { afterEach, expect, test } from '@jest/globals';
import { Registry } from 'prom-client';
import { type HealthServer, startHealthServer } from '../src/health-server.js';
import { Readiness } from '../src/readiness.js';
import { requestIdOf } from '../src/request-id.js';

let server: HealthServer | undefined;
afterEach(() => server?.close());

const OPEN = { open: () => 'everything', refuseMetrics: async () => undefined };

test('a process without an API says why it is not ready, in a problem with the id of the request', async () => {
  const readiness = new Readiness();
  readiness.add('relay', async () => 'the broker is away');
  server = await startHealthServer(readiness, new Registry(), { host: '127.0.0.1', port: 0, access: OPEN });
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
