import { expect, it } from '@jest/globals';
import { fastify, type FastifyInstance } from 'fastify';
import { Problem } from '#libs/platform';
import { sendProblem } from '../src/edge/http.js';
import { limitRates } from '../src/edge/rates.js';

/** A server that knows the key of a request by a header. */
async function serverWith(rates: { key: number; address: number }): Promise<FastifyInstance> {
  const server = fastify();
  server.setErrorHandler((error, _request, reply) => sendProblem(reply, error as Problem));
  server.addHook('onRequest', (request, _reply, done) => {
    const id = request.headers['x-key'];
    if (id) Object.assign(request, { caller: { kind: 'key', id, roles: ['read'] } });
    done();
  });
  await limitRates(server, rates);
  server.get('/', () => 'answer');
  server.get('/healthz', () => 'answer');
  return server;
}

const ask = (server: FastifyInstance, remoteAddress: string, key?: string, url = '/') =>
  server.inject({ url, remoteAddress, headers: key === undefined ? {} : { 'x-key': key } });

async function last(times: number, one: () => ReturnType<typeof ask>) {
  let answer = await one();
  for (let n = 1; n < times; n++) answer = await one();
  return answer;
}

it('each key and each address has a rate of its own, and answers say what is left of it', async () => {
  const server = await serverWith({ key: 2, address: 1 });
  expect((await ask(server, '10.0.0.1')).headers).toMatchObject({
    'ratelimit-policy': '"address";q=10;w=10',
    ratelimit: '"address";r=9;t=10',
  });
  expect((await last(9, () => ask(server, '10.0.0.1'))).statusCode).toBe(200);
  const refused = await ask(server, '10.0.0.1');
  expect(refused.statusCode).toBe(429);
  expect(refused.headers['content-type']).toContain('application/problem+json');
  expect(refused.json()).toMatchObject({ type: 'urn:claimline:problem:too-many-requests', status: 429 });
  expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
  expect(Number(refused.headers['retry-after'])).toBeLessThanOrEqual(10);
  expect(refused.headers.ratelimit).toMatch(/^"address";r=0;t=\d+$/);

  expect((await ask(server, '10.0.0.2')).statusCode).toBe(200);
  // From that address too: a key counts for itself.
  expect((await last(20, () => ask(server, '10.0.0.1', 'a'))).headers.ratelimit).toMatch(/^"key";r=0;t=\d+$/);
  expect((await ask(server, '10.0.0.3', 'a')).statusCode).toBe(429);
  expect((await ask(server, '10.0.0.1', 'b')).statusCode).toBe(200);
  await server.close();
});

it('whoever asks whether the service lives is not counted', async () => {
  const server = await serverWith({ key: 1, address: 1 });
  expect((await last(30, () => ask(server, '10.0.0.1', undefined, '/healthz'))).statusCode).toBe(200);
  expect((await ask(server, '10.0.0.1')).headers.ratelimit).toBe('"address";r=9;t=10');
  await server.close();
});

it('0 is no limit', async () => {
  const server = await serverWith({ key: 0, address: 1 });
  expect((await last(30, () => ask(server, '10.0.0.1', 'a'))).headers).not.toHaveProperty('ratelimit');
  expect((await last(11, () => ask(server, '10.0.0.1'))).statusCode).toBe(429);
  await server.close();
  const open = await serverWith({ key: 0, address: 0 });
  expect((await last(30, () => ask(open, '10.0.0.1'))).statusCode).toBe(200);
  await open.close();
});
