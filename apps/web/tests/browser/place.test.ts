import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { PLAIN, type Running } from '../../../../tests/api/running.js';
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

  it('has its history as a band and as a table', async () => {
    const page = await openPlace();
    await page.getByRole('img', { name: /^2 intervals from 20 Nov 2025/ }).waitFor();
    const rows = page.getByRole('table', { name: 'The intervals, newest first' }).getByRole('row');
    const cells = await rows.evaluateAll((all) => all.map((row) => row.textContent));
    expect(cells.slice(1)).toEqual([
      expect.stringMatching(/^21 Nov 2025now\s*contestedRussia and Ukraineshown$/),
      expect.stringMatching(/^20 Nov 2025\s*21 Nov 2025\s*claimedRussiaShow/),
    ]);
    // A click on the band shows the moment as well
    await page
      .locator('.band .piece')
      .first()
      .click({ position: { x: 1, y: 10 } });
    await eventually(
      async () => new URL(page.url()).searchParams.get('asOf'),
      (asOf) => expect(asOf).toMatch(/^2025-11-20/),
    );
  });

  it('shows a date as exactly as it was given', async () => {
    // The sample has a statement of November about the region
    const page = await browser.open(`${running.url}/places/gn-706482`);
    await page.getByText('Nobody is said to hold it, since November 2025.').waitFor();
    await page.getByRole('cell', { name: 'November 2025' }).waitFor();
    expect(await page.locator('.band .unsure').count()).toBe(1);
    expect(await textOf(page)).not.toMatch(/(?<!\d)1 Nov 2025/);
  });

  it('has names in all scripts, in their own direction, and what was merged', async () => {
    const [arabic, hebrew] = ['كوبيانسك', 'קופיאנסק'];
    const made = await running.record({ location: { name: arabic, country: 'UA' } });
    const { locationId } = made.json;
    const page = await browser.open(`${running.url}/places/${locationId}`);
    const name = page.getByRole('heading', { level: 1 }).locator('bdi');
    await name.getByText(arabic).waitFor();
    expect(await page.evaluate('getComputedStyle(document.querySelector("h1 bdi")).direction')).toBe('rtl');
    // When it is merged into a place of the register that has names in other scripts
    const names = ['Testove', 'Тестове', hebrew].map((one) => ({ name: one }));
    await running.send('POST', '/v1/locations', { id: 'test-1', names });
    const { json } = await running.send('POST', `/v1/locations/${locationId}/merge`, {
      into: 'test-1',
      by: 'desk',
    });
    await running.get(`/v1/locations/test-1?after=${json.token}`);
    await page.reload();
    await name.getByText('Testove').waitFor();
    const text = await textOf(page);
    for (const one of ['Тестове', hebrew, arabic, 'This place was merged from']) expect(text).toContain(one);
    await page.getByText('Merged into it').waitFor();
  });

  it('strikes out what was taken back and what was a mistake, with the reason and the replacement', async () => {
    const location = { id: 'gn-703652' };
    const wrong = (await running.record({ location, speaker: { name: 'A swapped speaker' } })).json;
    const back = (await running.record({ location, speaker: { name: 'A hasty speaker' } })).json;
    await running.send('POST', `/v1/statements/${wrong.statementId}/correct`, {
      by: 'desk',
      reason: 'speakers swapped',
      statement: { ...PLAIN, location, speaker: { name: 'The right speaker' } },
    });
    const { json } = await running.send('POST', `/v1/statements/${back.statementId}/retract`, {
      speaker: { name: 'A hasty speaker' },
      statedAt: '2025-11-23',
      reason: 'it was another village',
    });
    await running.get(`/v1/locations/gn-703652?after=${json.token}`);
    const page = await browser.open(`${running.url}/places/gn-703652`);
    const entry = (speaker: string) => page.locator('.timeline .said', { hasText: speaker });
    await entry('The right speaker').waitFor();
    expect(await entry('A swapped speaker').locator('.struck').count()).toBe(1);
    const text = await entry('A swapped speaker').textContent();
    expect(text).toContain('speakers swapped');
    expect(text).toContain('See its replacement');
    expect(await entry('A hasty speaker').locator('.struck').count()).toBe(1);
    expect(await entry('A hasty speaker').textContent()).toContain('Taken back 23 Nov 2025');
    expect(await entry('A hasty speaker').textContent()).toContain('it was another village');
    expect(await entry('The right speaker').locator('.struck').count()).toBe(0);
  });

  it('names independent speakers as they are written, not as the side that they are', async () => {
    await running.record({
      location: { id: 'gn-704608' },
      claim: { predicate: 'fighting' },
      speaker: { name: 'Made-up Monitor West' },
    });
    const page = await browser.open(`${running.url}/places/gn-704608`);
    await page.getByText(/Made-up Monitor West. says that there is fighting\./).waitFor();
    await page.getByRole('combobox', { name: 'By' }).selectOption({ label: 'Made-up Monitor West' });
    // And the list of all places, which has no room for all of them, counts them
    await running.record({ location: { id: 'gn-704608' }, speaker: { name: 'Made-up Monitor East' } });
    await page.goto(running.url);
    const place = page.locator('.place', { hasText: 'Kivsharivka' });
    await place.getByText('1 independent source says that Russia holds it').waitFor();
  });

  it('names a place that was not known at a moment', async () => {
    const page = await browser.open(`${running.url}/${PLACE}?knownAt=2025-11-21`, { expected: /404/ });
    await page.getByText('Nothing was known about this place at this moment.').waitFor();
    await page.getByRole('heading', { level: 1, name: 'Kupiansk' }).waitFor();
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
