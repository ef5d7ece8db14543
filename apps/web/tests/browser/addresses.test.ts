import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Running } from '../../../../tests/api/running.js';
import { describeInBrowser, eventually, useBrowser, WINDOWS } from '../../../../tests/support/browser.js';
import { type NginxProxy, startNginx } from '../../../../tests/support/nginx.js';
import { startWithSample } from '../../../../tests/support/sample.js';

const TOWNS = 150;

describeInBrowser('addresses of the page', () => {
  let running: Running;
  let proxy: NginxProxy;
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
    const towns = Array.from({ length: TOWNS }, (_, n) => ({
      stance: 'assert',
      claim: { predicate: 'captured', actor: 'russia' },
      location: { name: `Town ${String(n).padStart(3, '0')}`, region: 'Kharkiv', country: 'UA' },
      speaker: { name: 'A made-up spokesman', party: 'russia' },
      statedAt: '2025-11-20',
    }));
    const { json } = await running.send('POST', '/v1/statements', towns);
    await running.get(`/v1/locations?after=${json.token}&wait=30000`);
    proxy = await startNginx(`location /claimline/ { proxy_pass ${running.url}/; proxy_buffering off; }`);
  }, 120_000);
  afterAll(async () => {
    await proxy?.stop();
    await running?.stop();
  });

  const town = (page: Page, n: number) => page.getByRole('link', { name: `Town ${n}`, exact: true });
  const isSeen = (page: Page, n: number) =>
    eventually(
      () =>
        town(page, n)
          .evaluate((link: { getBoundingClientRect(): { top: number; bottom: number } }) => {
            const { top, bottom } = link.getBoundingClientRect();
            return [top, bottom];
          })
          .catch(() => [-1, -1]),
      ([top, bottom]) => {
        expect(top).toBeGreaterThan(0);
        expect(bottom).toBeLessThan(740);
      },
    );

  it.each([
    ['phone', 'direct'],
    ['desktop', 'direct'],
    ['desktop', 'behind a proxy'],
  ] as const)('back and forward show what one has read, where one was: %s, %s', async (window, way) => {
    const root = way === 'direct' ? running.url : proxy.url;
    // Given a reader far down in a list with a filter
    const page = await browser.open(`${root}/?status=claimed`, WINDOWS[window]);
    await page.getByRole('button', { name: /^Show \d+ more$/ }).click();
    await town(page, 140).scrollIntoViewIfNeeded();
    await page.mouse.move(100, 400);
    await page.mouse.wheel(0, -100);
    await page.waitForFunction('history.state?.scroll?.some((top) => top > 1000)');
    // When he looks at a place and comes back
    await town(page, 140).click();
    await page.waitForURL('**/places/*');
    await page.locator('h1', { hasText: 'Town 140' }).waitFor();
    expect(await page.evaluate('[scrollY, document.activeElement.id]')).toEqual([0, 'main']);
    await page.goBack();
    // Then he is where he was
    await isSeen(page, 140);
    expect(page.url().startsWith(`${root}/?status=claimed`)).toBe(true);
    // And after a reload
    await page.reload();
    await isSeen(page, 140);
    // And forward and back again
    await page.goForward();
    await page.locator('h1', { hasText: 'Town 140' }).waitFor();
    await page.goBack();
    await isSeen(page, 140);
  });

  it.each([
    ['places/nowhere', 'No place has this id.'],
    ['nonsense/of/some/depth', 'There is nothing here'],
    ['operations/nonsense', 'There is nothing here'],
    ['operations/replays/nonsense', 'No run has this id.'],
    ['statements/00000000-0000-4000-8000-000000000000', /no(thing)? .*|No statement/i],
  ])('says in words that there is nothing: /%s', async (path, words) => {
    for (const root of [running.url, proxy.url]) {
      const page = await browser.open(`${root}/${path}`, { expected: /404/ });
      await page.locator('main').getByText(words).first().waitFor();
      await page.getByRole('link', { name: 'Claimline' }).click();
      await page.locator('.place').first().waitFor();
    }
  });

  it.each([
    ['', 'Claimline'],
    ['changes', 'Changes · Claimline'],
    ['compare', 'Compare · Claimline'],
    ['statements', 'Statements · Claimline'],
    ['operations', 'Operations · Claimline'],
    ['operations/dead-letters', 'Dead letters · Claimline'],
    ['sign-in', 'Sign in · Claimline'],
    ['nonsense', 'There is nothing here · Claimline'],
    ['embed', 'Claimline'],
  ])('a browser may begin at any address, and load it again: /%s', async (path, title) => {
    for (const root of [running.url, proxy.url]) {
      const page = await browser.open(`${root}/${path}`);
      for (const again of [false, true]) {
        if (again) await page.reload();
        await eventually(
          () => page.title(),
          (shown) => expect(shown).toBe(title),
        );
        await page.getByRole('heading').or(page.locator('.map')).first().waitFor();
      }
    }
  });

  it.each([
    '/v1',
    '/v1/',
    '/v1/nonsense',
    '/v1/locations/nowhere',
    '/healthz/x',
    '/metrics/x',
    '/assets/none.js',
  ])('paths of the API never answer a page: %s', async (path) => {
    for (const method of ['GET', 'POST']) {
      const { status, headers } = await running.send(method, path, undefined, {
        accept: 'text/html,application/xhtml+xml,*/*;q=0.8',
      });
      expect([404, 405]).toContain(status);
      expect(headers.get('content-type')).toContain('json');
    }
  });
});
