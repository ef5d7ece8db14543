import { createServer, request as open } from 'node:http';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startRunning, type Running } from './running.js';

let running: Running;
beforeAll(async () => {
  running = await startRunning();
});
afterAll(() => running.stop());

/** Every address that the page names, as a browser resolves it. */
async function namedBy(page: string): Promise<string[]> {
  const answer = await fetch(page);
  expect([page, answer.status, answer.headers.get('content-type')]).toEqual([
    page,
    200,
    expect.stringContaining('text/html'),
  ]);
  const named = [...(await answer.text()).matchAll(/(?:href|src)="([^"]+)"/g)].map(
    ([, one]) => new URL(one!, answer.url).href,
  );
  const start = named.find((one) => one.endsWith('/start.js'))!;
  const [, document] = /new URL\('([^']+)', document\.currentScript\.src\)/.exec(
    await (await fetch(start)).text(),
  )!;
  return [...named, new URL(document!, start).href];
}

it.each(['/docs', '/docs/', '/docs?x=1', '/docs/?x=1'])('%s names what is there', async (path) => {
  const named = await namedBy(`${running.url}${path}`);
  expect(named).toHaveLength(4);
  for (const one of named) expect([one, (await fetch(one)).status]).toEqual([one, 200]);
});

it('holds to the policy of every page: neither a script nor a style stands in it', async () => {
  const answer = await fetch(`${running.url}/docs`);
  const policy = answer.headers.get('content-security-policy')!;
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe');
  expect(await answer.text()).not.toMatch(/<script(?! src=)|<style|\son\w+=|\sstyle=/i);
});

it('behind a prefix of a proxy, too', async () => {
  const proxy = createServer((request, response) => {
    if (!request.url!.startsWith('/some/prefix/')) return response.writeHead(404).end();
    const passed = open(
      `${running.url}${request.url!.slice('/some/prefix'.length)}`,
      { method: request.method!, headers: request.headers },
      (answer) => {
        response.writeHead(answer.statusCode!, answer.headers);
        answer.pipe(response);
      },
    );
    return request.pipe(passed);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as { port: number };
  for (const path of ['/docs', '/docs/']) {
    const named = await namedBy(`http://127.0.0.1:${port}/some/prefix${path}`);
    for (const one of named) expect([one, (await fetch(one)).status]).toEqual([one, 200]);
    expect(named.every((one) => one.includes('/some/prefix/'))).toBe(true);
  }
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
});
