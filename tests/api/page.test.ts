import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { addKey, fixedKey } from '../support/key-holders.js';
import { type Running, startRunning } from './running.js';

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

describe('the page', () => {
  let running: Running;
  beforeAll(async () => {
    running = await startRunning();
  }, 60_000);
  afterAll(() => running?.stop());

  const asset = async () => /src="\.\/(assets\/[^"]+\.js)"/.exec((await running.get('/', BROWSER)).text)![1]!;

  it.each(['/', '/?asOf=2025-11-20', '/places/gn-703656', '/places/a%2Fb/compare?a=1', '/no/such/view'])(
    'is what a browser gets for %s, with links to the root',
    async (path) => {
      const { status, headers, text } = await running.get(path, BROWSER);
      expect(status).toBe(200);
      expect(headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(headers.get('cache-control')).toBe('no-cache');
      const [, script] = /src="([^"]+)"/.exec(text)!;
      expect(new URL(script!, `http://host/some/prefix${path}`).pathname).toMatch(
        /^\/some\/prefix\/assets\//,
      );
      expect(/data-root="([^"]+)"/.exec(text)![1]).toBe(script!.slice(0, script!.indexOf('assets/')));
    },
  );

  it.each(['/v1/nothing', '/v1/locations/none', '/docs/nothing', '/openapi.json/x', '/assets/nothing.js'])(
    'is never what the API answers: %s',
    async (path) => {
      const { status, headers } = await running.get(path, BROWSER);
      expect(status).toBe(404);
      expect(headers.get('content-type')).toContain('application/problem+json');
    },
  );

  it('is not for programs: an unknown path is a problem to them', async () => {
    for (const accept of ['*/*', 'application/json']) {
      const { status, json } = await running.get('/places/gn-703656', { accept });
      expect([status, json.type]).toEqual([404, 'urn:claimline:problem:not-found']);
    }
    expect((await running.send('POST', '/places/gn-703656', {}, BROWSER)).status).toBe(404);
  });

  it('has files that a browser keeps, packed beforehand', async () => {
    const response = await fetch(`${running.url}/${await asset()}`, { headers: { 'accept-encoding': 'br' } });
    expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(response.headers.get('content-encoding')).toBe('br');
    expect(response.headers.get('content-type')).toContain('javascript');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
  });

  it('gives out nothing but its own files', async () => {
    for (const path of [
      '/assets/..%2f..%2f.claimline-built',
      '/assets/%2e%2e/%2e%2e/%2e%2e/package.json',
      '/assets/..%2f..%2f..%2fpackage.json',
    ])
      expect((await running.get(path)).status).toBeGreaterThanOrEqual(400);
  });

  it('may be shown inside other pages in one view only', async () => {
    const policy = async (path: string) =>
      (await running.get(path, BROWSER)).headers.get('content-security-policy');
    expect(await policy('/embed?status=contested')).toContain('frame-ancestors *');
    for (const path of ['/', '/embedded', '/places/embed'])
      expect(await policy(path)).toContain("frame-ancestors 'self'");
  });

  it('is open where reading needs a key: it says nothing by itself', async () => {
    await addKey(running, fixedKey('0123456789ab', 'Desk', ['read']));
    expect((await running.get('/v1/locations')).status).toBe(401);
    expect((await running.get('/', BROWSER)).status).toBe(200);
    expect((await running.get(`/${await asset()}`)).status).toBe(200);
  });
});
