import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Running } from '../../../../tests/api/running.js';
import { violationsOn } from '../../../../tests/support/axe.js';
import { describeInBrowser, eventually, useBrowser, WINDOWS } from '../../../../tests/support/browser.js';
import { type NginxProxy, startNginx } from '../../../../tests/support/nginx.js';
import { startWithSample } from '../../../../tests/support/sample.js';

const PLACE = 'places/gn-703656';

describeInBrowser('the page of a place', () => {
  let running: Running;
  let proxy: NginxProxy;
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
    proxy = await startNginx(`location /claimline/ { proxy_pass ${running.url}/; proxy_buffering off; }`);
  }, 60_000);
  afterAll(async () => {
    await proxy?.stop();
    await running?.stop();
  });

  const openPlace = async (query = '', options = {}, root = running.url): Promise<Page> => {
    const page = await browser.open(`${root}/${PLACE}${query}`, options);
    await page.getByText('Valery Gerasimov').first().waitFor();
    return page;
  };
  const textOf = async (page: Page) => (await page.locator('main').textContent())!;

  it('says in a sentence who claims it and who denies it', async () => {
    const page = await openPlace();
    expect(await page.locator('h1').textContent()).toBe('Kupiansk');
    await eventually(
      () => textOf(page),
      (text) => {
        expect(text).toContain('Both sides claim it, since 21 Nov 2025');
        expect(text).toContain('Ukraine denies having lost it');
        for (const name of ['Kupyansk', 'Купʼянськ', 'Купянск']) expect(text).toContain(name);
      },
    );
  });

  it('shows how it was at a moment of its history', async () => {
    const page = await openPlace();
    await page.getByRole('button', { name: 'Show 20 Nov 2025' }).click();
    await eventually(
      () => textOf(page),
      (text) => expect(text).not.toContain('Both sides claim it'),
    );
    expect(new URL(page.url()).searchParams.get('asOf')).toMatch(/^2025-11-20/);
    // And every other view shows the same moment
    await page.getByRole('link', { name: 'Claimline' }).click();
    await page.getByText('As of the end of 20 Nov 2025').waitFor();
  });

  it('tells of a new statement without moving what is read', async () => {
    const page = await openPlace();
    await page.getByText('DNR reports').waitFor();
    const before = await page.locator('main li').count();
    await eventually(
      async () => {
        // A statement before the page listens shows with its first answer.
        await running.record({
          location: { id: 'gn-703656' },
          speaker: { name: `A made-up speaker ${Math.random()}`, party: 'ukraine' },
        });
        return page.getByRole('button', { name: /new statement/ }).count();
      },
      (shown) => expect(shown).toBe(1),
    );
    expect(await page.locator('main li').count()).toBe(before);
    await page.getByRole('button', { name: /new statement/ }).click();
    await eventually(
      () => textOf(page),
      (text) => expect(text).toContain('A made-up speaker'),
    );
  });

  it('works behind a proxy, under a path', async () => {
    const page = await openPlace('', {}, proxy.url);
    await page.getByRole('link', { name: 'Claimline' }).click();
    await page.locator('.place').first().waitFor();
    expect(page.url()).toMatch(/\/claimline\/(\?|$)/);
    await page.goBack();
    await page.getByText('Valery Gerasimov').first().waitFor();
    await page.reload();
    await page.getByText('Valery Gerasimov').first().waitFor();
  });

  it('says that there is no such place', async () => {
    const page = await browser.open(`${running.url}/places/nowhere`, { expected: /404/ });
    await page.getByText('No place has this id.').waitFor();
  });

  it.each([
    ['phone', 'dark'],
    ['desktop', 'light'],
  ] as const)('can be read by everybody: %s, %s', async (window, colorScheme) => {
    const page = await openPlace('', { ...WINDOWS[window], colorScheme });
    expect(await violationsOn(page)).toEqual([]);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });
});
