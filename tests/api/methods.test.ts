import { Agent, METHODS, request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { raw } from './raw.js';
import { startRunning, type Running } from './running.js';

let running: Running;
/** Every path of the document, and those that it does not name, with what they are asked for by. */
let paths: Map<string, string[]>;
beforeAll(async () => {
  running = await startRunning();
  await running.record();
  const { json } = await running.get('/openapi.json');
  const templates = Object.entries(json.paths as Record<string, object>).map(([path, item]) => ({
    path,
    methods: Object.keys(item).map((method) => method.toUpperCase()),
  }));
  // A path may be one of several: /v1/statements/batch is one of /v1/statements/{statementId} too.
  const isOf = (path: string, template: string) =>
    new RegExp(`^${template.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(path);
  const taking = (path: string) =>
    // A path can be of two templates: `facets` is none of the ids of places.
    [...new Set(templates.flatMap((template) => (isOf(path, template.path) ? template.methods : [])))];
  paths = new Map(
    templates.map(({ path }) => path.replaceAll(/\{\w+\}/g, 'x')).map((path) => [path, taking(path)]),
  );
  for (const path of ['/openapi.json', '/docs', '/docs/', '/docs/assets/swagger-ui.css'])
    paths.set(path, ['GET']);
});
afterAll(() => running.stop());

const withHead = (methods: readonly string[]) => (methods.includes('GET') ? [...methods, 'HEAD'] : methods);
const listed = (header: string | undefined) => header?.split(', ').toSorted();

describe('every path of the document', () => {
  it('names in Allow what it takes, for every other method that there is', async () => {
    expect(paths.size).toBeGreaterThan(30);
    for (const [path, methods] of paths) {
      const allowed = withHead(methods);
      const others = METHODS.filter((one) => !['CONNECT', 'OPTIONS', ...allowed].includes(one));
      const answers = await Promise.all(
        others.map(async (method) => ({
          method,
          answer: await raw(running, path, {
            method,
            ...(method !== 'HEAD' && { body: '{"a":', headers: { 'content-type': 'application/xml' } }),
          }),
        })),
      );
      for (const { method, answer } of answers) {
        expect([method, path, answer.status, listed(answer.headers.allow)]).toEqual([
          method,
          path,
          405,
          [...allowed, 'OPTIONS'].toSorted(),
        ]);
        if (method === 'HEAD') continue;
        expect(answer.headers['content-type']).toContain('application/problem+json');
        expect(answer.json).toMatchObject({
          type: 'urn:claimline:problem:method-not-allowed',
          status: 405,
          detail: expect.stringContaining(method),
        });
      }
    }
  });

  it('answers OPTIONS with Allow and nothing else', async () => {
    for (const [path, methods] of paths) {
      const { status, headers, body } = await raw(running, path, { method: 'OPTIONS' });
      expect([path, status, listed(headers.allow), body.length]).toEqual([
        path,
        204,
        [...withHead(methods), 'OPTIONS'].toSorted(),
        0,
      ]);
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    }
  });

  it('answers HEAD as GET, without the body, and the connection continues', async () => {
    const endless = ['/v1/stream'];
    for (const [path, methods] of paths) {
      if (!methods.includes('GET')) continue;
      const head = await raw(running, path, { method: 'HEAD' });
      expect([path, head.body.length]).toEqual([path, 0]);
      if (endless.includes(path)) {
        expect([head.status, head.headers['content-type']]).toEqual([
          200,
          'text/event-stream; charset=utf-8',
        ]);
        continue;
      }
      const get = await raw(running, path);
      expect([path, head.status, head.headers['content-type'], head.headers.vary]).toEqual([
        path,
        get.status,
        get.headers['content-type'],
        get.headers.vary,
      ]);
    }
    const lines = await raw(running, '/v1/events', {
      method: 'HEAD',
      headers: { accept: 'application/x-ndjson' },
    });
    expect([lines.status, lines.headers['content-type']]).toEqual([200, 'application/x-ndjson']);
  });
});

it('a HEAD of a stream ends at once, also for the service', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ask = (method: string, path: string) =>
    new Promise<number>((resolve, reject) => {
      request(`${running.url}${path}`, { method, agent }, (answer) =>
        answer.resume().on('end', () => resolve(answer.statusCode!)),
      )
        .on('error', reject)
        .end();
    });
  // The next request on the connection waits until the service has ended the answer.
  expect(await ask('HEAD', '/v1/stream')).toBe(200);
  expect(await ask('GET', '/healthz')).toBe(200);
  agent.destroy();
});

it('an unknown path is 404, whatever the method', async () => {
  for (const method of ['GET', 'POST', 'PUT', 'OPTIONS', 'PROPFIND'])
    for (const path of [
      '/v1',
      '/v1/nothing',
      '/v1/locations/a/b/c/d',
      '/v1/locations//timeline',
      '/docs/assets',
    ])
      expect([method, path, await raw(running, path, { method })]).toMatchObject([
        method,
        path,
        { status: 404, json: { type: 'urn:claimline:problem:not-found' } },
      ]);
});

it('a name that holds a slash, a query or a slash at the end change nothing of what a path takes', async () => {
  for (const path of [
    '/v1/locations/a%2Fb',
    '/v1/locations/x/',
    '/v1/locations/x?a=1',
    `/v1/locations/${'x'.repeat(1500)}`,
  ])
    expect([path, await raw(running, path, { method: 'PATCH' })]).toMatchObject([
      path,
      { status: 405, headers: { allow: 'GET, HEAD, OPTIONS' } },
    ]);
});
