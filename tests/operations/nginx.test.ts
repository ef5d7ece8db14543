import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createProducer, type StatementInput } from '#libs/client';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { type NginxProxy, startNginx } from '../support/nginx.js';
import { describeWith } from '../support/system-programs.js';

const sized = (bytes: number, n: number, name: string) => ({
  ...PLAIN,
  location: { name },
  source: { outlet: `o${n}`, quote: 'q'.repeat(bytes) },
});

describeWith({ nginx: 'nginx-light' })('behind nginx, under a path', () => {
  let running: Running;
  let documented: NginxProxy;
  let plain: NginxProxy;
  beforeAll(async () => {
    running = await startRunning();
    const { host } = new URL(running.url);
    documented = await startNginx(
      readFileSync('docs/nginx/claimline.conf', 'utf8').replaceAll('127.0.0.1:3000', host),
    );
    plain = await startNginx(`location /claimline/ { proxy_pass http://${host}/; }`);
  }, 60_000);
  afterAll(async () => {
    await documented?.stop();
    await plain?.stop();
    await running?.stop();
  });

  const post = (proxy: NginxProxy, body: string, type = 'application/json') =>
    fetch(`${proxy.url}/v1/statements`, { method: 'POST', headers: { 'content-type': type }, body });

  it('pages, documents and links lead to where the service is', async () => {
    const { locationId, token } = (await (await post(documented, JSON.stringify(PLAIN))).json()) as {
      locationId: string;
      token: string;
    };
    const place = `${documented.url}/v1/locations/${locationId}?after=${token}`;
    const answer = await fetch(place);
    expect(answer.status).toBe(200);
    const [, bookmark] = /<([^>]+)>; rel="bookmark"/.exec(answer.headers.get('link')!)!;
    const kept = await fetch(new URL(bookmark!, place));
    expect([kept.status, ((await kept.json()) as { id: string }).id]).toEqual([200, locationId]);
    const document = (await (await fetch(`${documented.url}/openapi.json`)).json()) as {
      servers: { url: string }[];
    };
    expect(new URL(document.servers[0]!.url, `${documented.url}/openapi.json`).href).toBe(
      `${documented.url}/`,
    );
    const page = await (await fetch(`${documented.url}/docs`)).text();
    for (const [, path] of page.matchAll(/(?:src|href|url)[=:] ?["']([^"']+)["']/g))
      expect([path, (await fetch(new URL(path!, `${documented.url}/docs`))).status]).toEqual([path, 200]);
  }, 60_000);

  it('the id of a request and its trace go through', async () => {
    const headers = { 'x-request-id': 'through-nginx' };
    const answer = await fetch(`${documented.url}/v1/nothing`, { headers });
    expect(answer.headers.get('x-request-id')).toBe('through-nginx');
    expect(await answer.json()).toMatchObject({ status: 404, requestId: 'through-nginx' });
  });

  it("bodies beyond nginx' 1 MB need the sizes of the documented file, and get the service's own limit then", async () => {
    const array = JSON.stringify(Array.from({ length: 400 }, (_, n) => sized(3500, n, 'Large')));
    expect(array.length).toBeGreaterThan(1_100_000);
    const refused = await post(plain, array);
    expect([refused.status, refused.headers.get('content-type')]).toEqual([413, 'text/html']);
    const taken = await post(documented, array);
    expect(taken.status).toBe(200);
    const { results } = (await taken.json()) as { results: { status?: number }[] };
    expect(results.filter(({ status }) => status !== undefined)).toEqual([]);
  }, 60_000);

  it.each([
    ['with the sums', '', 8000],
    ['with a result for each line', '?results=all', 8000],
  ])(
    'NDJSON of many MB is recorded and answered, %s',
    async (_, query, lines) => {
      const name = `Lines${query}`;
      const body = Array.from(
        { length: lines },
        (_unused, n) => `${JSON.stringify(sized(3500, n % 50, name))}\n`,
      );
      const answer = await fetch(`${documented.url}/v1/statements${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body: body.join(''),
      });
      const rows = (await answer.text()).trim().split('\n');
      expect(JSON.parse(rows.at(-1)!)).toMatchObject({ recorded: 50, duplicates: lines - 50, refused: 0 });
      expect(rows).toHaveLength(query === '' ? 1 : lines + 1);
    },
    120_000,
  );

  describe.each(['documented', 'plain'] as const)('with the %s configuration', (which) => {
    const proxy = () => ({ documented, plain })[which];

    it('the live stream comes through as it happens', async () => {
      const reading = new AbortController();
      const answer = await fetch(`${proxy().url}/v1/stream`, { signal: reading.signal });
      expect(answer.status).toBe(200);
      const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      let text = '';
      const until = async (wanted: string) => {
        while (!text.includes(wanted)) {
          const { value, done } = await reader.read();
          if (done) throw new Error(`the stream ended with ${text}`);
          text += value;
        }
      };
      await until('id: ');
      await running.send('POST', '/v1/statements', { ...PLAIN, location: { name: `Live ${which}` } });
      await until(`Live ${which}`);
      reading.abort();
      await reader.cancel().catch(() => {});
    }, 60_000);

    it('a worker with our client sends on where nginx takes less than the service does', async () => {
      const claimline = createProducer({ url: proxy().url });
      const statements = Array.from({ length: 450 }, (_, n) => sized(3000, n, `Many of ${which}`));
      const ids = await claimline.produce(statements as StatementInput[]);
      await claimline.close();
      expect(new Set(ids).size).toBe(450);
      for (const id of [ids[0]!, ids.at(-1)!])
        for (const deadline = Date.now() + 30_000; ; await sleep(25)) {
          if ((await running.get(`/v1/statements/${id}`)).status === 200) break;
          if (Date.now() > deadline) throw new Error(`${id} was not recorded`);
        }
    }, 60_000);
  });
});
