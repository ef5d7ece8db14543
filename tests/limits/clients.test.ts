import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { type Answer, startRunning, type Running } from '../api/running.js';
import { raw } from '../api/raw.js';
import { addKey, fixedKey } from '../support/key-holders.js';

let running: Running | undefined;
afterEach(async () => {
  await running?.stop();
  running = undefined;
});

const start = async (env: Record<string, string>): Promise<Running> => (running = await startRunning(env));
const from = (address: string) => ({ 'x-forwarded-for': address });

/** A value of /metrics. */
const gauge = async (service: Running, name: string): Promise<number> =>
  Number(new RegExp(`^${name} (\\d+)$`, 'm').exec((await service.get('/metrics')).text)![1]);

async function until<T>(look: () => Promise<T>, expected: T): Promise<void> {
  for (const end = Date.now() + 60_000; ; await sleep(20)) {
    const seen = await look();
    if (seen === expected) return;
    if (Date.now() > end) expect(seen).toEqual(expected);
  }
}

describe('requests', () => {
  it('of one address are limited, by what a proxy that is trusted says', async () => {
    const service = await start({ TRUST_PROXY: '127.0.0.1', RATE_LIMIT_ADDRESS: '1' });
    for (let n = 0; n < 10; n++)
      expect((await service.get('/v1/parties', from('203.0.113.1'))).status).toBe(200);
    const refused = await service.get('/v1/parties', from('203.0.113.1'));
    expect(refused).toMatchObject({ status: 429, json: { type: 'urn:claimline:problem:too-many-requests' } });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.headers.get('ratelimit-policy')).toBe('"address";q=10;w=10');
    // Whatever else the client says came before the proxy is not believed.
    expect((await service.get('/v1/parties', from('10.1.1.1, 203.0.113.1'))).status).toBe(429);
    expect((await service.get('/v1/parties', from('203.0.113.2'))).status).toBe(200);
    expect((await service.get('/healthz', from('203.0.113.1'))).status).toBe(200);
    expect((await service.get('/v1/nothing', from('203.0.113.1'))).status).toBe(429);
    await until(async () => (await service.get('/v1/parties', from('203.0.113.1'))).status, 200);
  }, 90_000);

  it('are counted by the address of the connection where no proxy is trusted', async () => {
    const service = await start({ RATE_LIMIT_ADDRESS: '1' });
    const statuses = [];
    for (let n = 0; n < 11; n++)
      statuses.push((await service.get('/v1/parties', from(`203.0.113.${n}`))).status);
    expect(statuses).toEqual([...Array<number>(10).fill(200), 429]);
  });

  it('with keys that do not work, or none, count for their address, and meet 429', async () => {
    const service = await start({ TRUST_PROXY: '127.0.0.1', RATE_LIMIT_ADDRESS: '1' });
    const worker = fixedKey('c0ffee000001', 'Worker', ['ingest']);
    await addKey(service, worker);
    const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
    const attempts: [
      what: string,
      attempt: (n: number, headers: Record<string, string>) => Promise<Answer>,
    ][] = [
      ['a key', (n, headers) => service.get('/v1/parties', { ...bearer(`guess ${n}`), ...headers })],
      ['no key', (_, headers) => service.get('/v1/parties', headers)],
      ['who I am', (n, headers) => service.get('/v1/session', { ...bearer(`guess ${n}`), ...headers })],
      ['a sign-in', (n, headers) => service.send('POST', '/v1/session', { key: `guess ${n}` }, headers)],
    ];
    for (const [index, [what, attempt]] of attempts.entries()) {
      const address = from(`203.0.113.${index}`);
      const answers = await Promise.all(Array.from({ length: 40 }, (_, n) => attempt(n, address)));
      expect([what, new Set(answers.map(({ status }) => status))]).toEqual([what, new Set([401, 429])]);
      for (const { headers } of answers) expect(headers.get('ratelimit')).toMatch(/^"address";r=\d+;t=\d+$/);
      // A key that works is not slowed by others behind the same address, and counts for itself, also where it is refused.
      for (const [path, status] of [
        ['/v1/parties', 200],
        ['/v1/replays', 403],
      ] as const) {
        const own = await service.get(path, { ...bearer(worker.key), ...address });
        expect([path, own.status, own.headers.get('ratelimit-policy')]).toEqual([
          path,
          status,
          '"key";q=10000;w=10',
        ]);
      }
    }
  }, 90_000);

  it('are open and unlimited alike on each name of this machine', async () => {
    // By its text alone it is none.
    const service = await start({ HOST: 'LOCALHOST' });
    expect((await service.get('/readyz')).json).toMatchObject({ open: 'everything' });
    const answer = await service.get('/v1/parties');
    expect([answer.status, answer.headers.has('ratelimit')]).toEqual([200, false]);
  });

  it('of programs on the same machine are not limited by default', async () => {
    const service = await start({});
    for (let n = 0; n < 300; n++) expect((await service.get('/healthz')).status).toBe(200);
    expect((await service.get('/v1/parties')).headers.has('ratelimit')).toBe(false);
  });
});

describe('streams', () => {
  const open = async (
    path = '/v1/stream',
    headers: Record<string, string> = {},
    body?: ReadableStream,
    gone = new AbortController(),
  ) => {
    const answer = await fetch(`${running!.url}${path}`, {
      signal: gone.signal,
      headers,
      ...(body && { method: 'POST', body, duplex: 'half' }),
    });
    return { status: answer.status, answer, close: () => gone.abort() };
  };

  it('are so many for each client, and so many in all; one that ends makes room', async () => {
    const service = await start({ TRUST_PROXY: '127.0.0.1', MAX_STREAMS: '5', MAX_STREAMS_PER_CLIENT: '3' });
    const of = (client: number, path?: string) => open(path, from(`203.0.113.${client}`));
    const first = await of(1);
    const events = { ...from('203.0.113.1'), 'content-type': 'application/x-ndjson' };
    // A body that begins, and then nothing comes.
    const begun = () => new ReadableStream({ start: (body) => body.enqueue(Buffer.from('\n')) });
    // Behind a proxy it is answered when it has ended.
    const sender = new AbortController();
    const sending = open('/v1/statements', events, begun(), sender).catch((error: Error) => error.name);
    await until(() => gauge(service, 'claimline_open_streams'), 2);
    const streams = [first, await of(1)];
    expect(streams.map(({ status }) => status)).toEqual([200, 200]);
    const refused = await of(1);
    expect(refused.status).toBe(429);
    expect(refused.answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await refused.answer.json()).toMatchObject({ type: 'urn:claimline:problem:too-many-requests' });
    expect((await open('/v1/statements', events, begun())).status).toBe(429);
    expect((await raw(service, '/v1/stream', { method: 'HEAD', headers: from('203.0.113.1') })).status).toBe(
      200,
    );

    streams.push(await of(2), await of(2));
    const full = await of(3);
    expect(full.status).toBe(503);
    expect(await full.answer.json()).toMatchObject({ type: 'urn:claimline:problem:streams-full' });
    expect(await gauge(service, 'claimline_open_streams')).toBe(5);

    first.close();
    await until(() => gauge(service, 'claimline_open_streams'), 4);
    streams.push(await of(3));
    expect(streams.at(-1)!.status).toBe(200);
    for (const { close } of streams) close();
    sender.abort();
    expect(await sending).toBe('AbortError');
    await until(() => gauge(service, 'claimline_open_streams'), 0);
  }, 90_000);

  it('that were opened and left leave nothing behind', async () => {
    const service = await start({});
    const server = service.service.app as unknown as {
      getHttpServer(): { getConnections(done: (error: unknown, count: number) => void): void };
    };
    const connections = () =>
      new Promise<number>((resolve) => server.getHttpServer().getConnections((_, count) => resolve(count)));
    await gauge(service, 'claimline_open_streams');
    const before = await connections();
    const filters = ['', '?status=contested', '?q=kup', '?after=0:0'];
    for (let round = 0; round < 8; round++) {
      const streams = await Promise.all(
        Array.from({ length: 40 }, (_, at) => open(`/v1/stream${filters[at % filters.length]}`)),
      );
      expect(streams.map(({ status }) => status)).toEqual(Array(40).fill(200));
      // Some have got something, and some are in the middle of it.
      if (round % 2 === 0) await service.record({ location: { name: `Left ${round}` } });
      for (const { close } of streams) close();
    }
    await until(() => gauge(service, 'claimline_open_streams'), 0);
    await until(() => gauge(service, 'claimline_followed_streams'), 0);
    await until(async () => (await connections()) <= before + 1, true);
  }, 120_000);
});

it('metrics are served at a port of their own where there is one, and then nowhere else', async () => {
  const own = await start({ METRICS_PORT: '0' });
  const { service, url } = own;
  expect(service.metricsUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  expect(new URL(service.metricsUrl!).port).not.toBe(new URL(url).port);
  const answer = await fetch(`${service.metricsUrl}/metrics`);
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('claimline_http_request_seconds');
  expect(await own.get('/metrics')).toMatchObject({
    status: 404,
    json: { type: 'urn:claimline:problem:not-found' },
  });
  expect((await fetch(`${service.metricsUrl}/v1/parties`)).status).toBe(404);
});
