import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { brotliCompressSync, brotliDecompressSync, constants, createGunzip, gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { raw } from './raw.js';
import { PLAIN, startRunning, type Running } from './running.js';
import { untilProjected } from './told-war.js';

const GEOJSON = 'application/geo+json';
const NDJSON = 'application/x-ndjson';

let running: Running;
let token: string;
beforeAll(async () => {
  running = await startRunning();
  const lines = Array.from({ length: 600 }, (_, n) =>
    JSON.stringify({ ...PLAIN, location: { name: `Place ${n % 60}` }, statedAt: `2025-11-${10 + (n % 20)}` }),
  );
  const { text } = await running.send('POST', '/v1/statements', lines.join('\n'), { 'content-type': NDJSON });
  token = (JSON.parse(text.trim().split('\n').at(-1)!) as { token: string }).token;
  await running.get(`/v1/locations?after=${token}`);
});
afterAll(() => running.stop());

const ask = (path: string, encoding?: string, headers: Record<string, string> = {}, method = 'GET') =>
  raw(running, path, {
    method,
    headers: { ...headers, ...(encoding !== undefined && { 'accept-encoding': encoding }) },
  });
const unpack = { gzip: gunzipSync, br: brotliDecompressSync };

describe('an answer', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    ['identity', undefined],
    ['deflate', undefined],
    ['gzip;q=0', undefined],
    ['*;q=0', undefined],
    ['identity;q=1, gzip;q=0.5', undefined],
    ['zstd', undefined],
    ['gzip', 'gzip'],
    ['GZIP', 'gzip'],
    ['gzip;q=0.1', 'gzip'],
    ['gzip, deflate', 'gzip'],
    ['gzip, deflate, br', 'br'],
    ['gzip, deflate, br, zstd', 'br'],
    ['br;q=0.5, gzip;q=0.8', 'gzip'],
    ['br;q=0, gzip', 'gzip'],
    ['*', 'br'],
    ['br', 'br'],
    ['identity;q=0.5, *;q=0', undefined],
  ])('asked for with %j comes as %j, and says the same', async (asked, encoding) => {
    for (const path of [
      '/v1/locations?limit=50',
      '/v1/statements?limit=50',
      '/openapi.json',
      '/docs/assets/swagger-ui.css',
    ]) {
      const [plain, answer] = [await ask(path), await ask(path, asked)];
      expect([path, answer.status, answer.headers['content-encoding']]).toEqual([path, 200, encoding]);
      const body = encoding === undefined ? answer.body : unpack[encoding as 'gzip' | 'br'](answer.body);
      expect(body.equals(plain.body)).toBe(true);
      if (encoding !== undefined) expect(answer.body.length).toBeLessThan(plain.body.length / 2);
      for (const one of [plain, answer])
        expect(one.headers.vary?.toLowerCase()).toMatch(/(^|, )accept-encoding(,|$)/);
      expect(answer.headers['content-type']).toBe(plain.headers['content-type']);
    }
  });

  it('that is short comes as it is', async () => {
    for (const path of ['/healthz', '/v1/nothing', '/v1/locations?limit=0', '/v1/rulesets'])
      expect([path, (await ask(path, 'gzip, br')).headers['content-encoding']]).toEqual([path, undefined]);
  });

  it('of HEAD has the headers of GET', async () => {
    for (const encoding of ['gzip', 'br', 'identity'])
      for (const path of ['/v1/locations?limit=50', '/openapi.json']) {
        const [head, { headers }] = [await ask(path, encoding, {}, 'HEAD'), await ask(path, encoding)];
        expect(head.body.length).toBe(0);
        for (const name of ['content-encoding', 'content-length', 'content-type', 'vary', 'etag'])
          expect([name, head.headers[name]]).toEqual([name, headers[name]]);
      }
  });

  it('is found unchanged by the ETag of any encoding', async () => {
    const { id } = (await ask('/v1/locations?limit=1')).json.items[0] as { id: string };
    const path = `/v1/locations/${id}`;
    const etags = await Promise.all(
      [undefined, 'gzip', 'br'].map(async (encoding) => (await ask(path, encoding)).headers.etag!),
    );
    for (const etag of etags)
      for (const encoding of [undefined, 'gzip', 'br']) {
        const answer = await ask(path, encoding, { 'if-none-match': etag });
        expect([
          answer.status,
          answer.body.length,
          answer.headers['content-encoding'],
          answer.headers.etag,
        ]).toEqual([304, 0, undefined, expect.any(String)]);
        expect(answer.headers.vary?.toLowerCase()).toContain('accept-encoding');
      }
  });

  it('of another form, a problem, an array of statements: all alike', async () => {
    const map = await ask('/v1/locations?limit=50', 'gzip', { accept: GEOJSON });
    expect(JSON.parse(gunzipSync(map.body).toString())).toMatchObject({ type: 'FeatureCollection' });
    expect(map.headers.vary?.toLowerCase().split(', ').toSorted()).toEqual(['accept', 'accept-encoding']);
    const body = JSON.stringify(Array.from({ length: 20 }, () => ({ nothing: 1 })));
    const refused = await raw(running, '/v1/statements', {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip' },
    });
    expect(JSON.parse(gunzipSync(refused.body).toString()).results).toHaveLength(20);
    const long = await ask(
      `/v1/locations?${Array.from({ length: 50 }, (_, n) => `wrong${n}=1`).join('&')}`,
      'gzip',
    );
    expect([long.status, JSON.parse(gunzipSync(long.body).toString()).errors.length]).toEqual([422, 50]);
  });
});

describe('what is streamed', () => {
  it('the log as lines: packed where that is asked for, whole, with its last line', async () => {
    const accept = `${NDJSON}; end=token`;
    const plain = await ask('/v1/events', undefined, { accept });
    for (const encoding of ['gzip', 'br'] as const) {
      const answer = await ask('/v1/events', encoding, { accept });
      expect(answer.headers['content-encoding']).toBe(encoding);
      expect(answer.headers.vary?.toLowerCase()).toContain('accept-encoding');
      expect(unpack[encoding](answer.body).equals(plain.body)).toBe(true);
      expect(answer.body.length).toBeLessThan(plain.body.length / 2);
    }
  });

  it('no line is held back, however slowly they come', async () => {
    // Of what was recorded at once the first comes at once; the last is far ahead.
    await running.record({ location: { name: 'Later' } });
    const request = get(`${running.url}/v1/events?speed=0.000001x`, {
      headers: { accept: NDJSON, 'accept-encoding': 'gzip' },
    });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    expect(answer.headers['content-encoding']).toBe('gzip');
    const [first] = (await once(answer.pipe(createGunzip()), 'data')) as [Buffer];
    expect(JSON.parse(first.toString().split('\n')[0]!)).toMatchObject({ eventId: expect.any(String) });
    request.on('error', () => {}).destroy();
  });

  it('live news and the answers to lines are not packed', async () => {
    const request = get(`${running.url}/v1/stream`, { headers: { 'accept-encoding': 'gzip, br' } });
    const [answer] = (await once(request, 'response')) as [IncomingMessage];
    const [first] = (await once(answer, 'data')) as [Buffer];
    expect([answer.headers['content-encoding'], first.toString()]).toEqual([
      undefined,
      expect.stringMatching(/^id: /),
    ]);
    request.on('error', () => {}).destroy();
    const report = await raw(running, '/v1/statements?results=all', {
      method: 'POST',
      body: `${JSON.stringify(PLAIN)}\n`.repeat(50),
      headers: { 'content-type': NDJSON, 'accept-encoding': 'gzip' },
    });
    expect([report.headers['content-encoding'], report.body.toString().trim().split('\n').length]).toEqual([
      undefined,
      51,
    ]);
  });
});

describe('the map, which is kept', () => {
  it('is packed once, better than what is sent once, and again when it has changed', async () => {
    // What tests before it recorded would change it meanwhile.
    await untilProjected(running);
    const [plain, first, second] = [
      await ask('/v1/map'),
      await ask('/v1/map', 'br'),
      await ask('/v1/map', 'br'),
    ];
    expect(unpack.br(first.body).equals(plain.body)).toBe(true);
    expect(second.body.equals(first.body)).toBe(true);
    expect(first.headers['content-encoding']).toBe('br');
    expect(first.headers.etag).toBe(plain.headers.etag);
    const quick = brotliCompressSync(plain.body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
    expect(first.body.length).toBeLessThan(quick.length);
    expect((await ask('/v1/map', 'br', { 'if-none-match': first.headers.etag! })).status).toBe(304);
    await running.record({ location: { name: 'Another place' } });
    const later = await ask('/v1/map', 'br');
    expect(later.headers.etag).not.toBe(first.headers.etag);
    expect(unpack.br(later.body).toString()).toContain('Another place');
  });
});
