import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Running } from '../../../../tests/api/running.js';
import { violationsOn } from '../../../../tests/support/axe.js';
import { describeInBrowser, eventually, useBrowser, WINDOWS } from '../../../../tests/support/browser.js';
import { startWithSample } from '../../../../tests/support/sample.js';

const KUPIANSK = 'Kupiansk';

describeInBrowser('the first view', () => {
  let running: Running;
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
  }, 60_000);
  afterAll(() => running?.stop());

  const openHome = async (query = '', options = {}): Promise<Page> => {
    const page = await browser.open(`${running.url}/${query}`, options);
    await page.locator('.place').first().waitFor();
    return page;
  };
  const names = (page: Page) => page.locator('.place-name').allTextContents();
  const place = (page: Page, name: string) =>
    page.locator('.place', { has: page.getByRole('link', { name, exact: true }) });

  it('says who claims a place, and where it lies on the map', async () => {
    // When a reader opens the address that the demo prints
    const page = await openHome();
    // Then the list names every place with its status and who claims it
    expect(await names(page)).toHaveLength(11);
    const shown = await place(page, KUPIANSK).textContent();
    expect(shown).toContain('contested');
    expect(shown).toContain('Russia claims it');
    expect(shown).toContain('Ukraine claims it');
    expect(shown).toContain('since 21 Nov 2025');
    // And the map has those that have a position
    await page.locator('.map canvas').first().waitFor();
    expect(await page.locator('.map-note').textContent()).toContain('boundaries are no statement of ours');
    expect(await page.locator('.list-head + p').textContent()).toContain('3 have no position');
  });

  it('keeps the filter in the address, with the names of the API', async () => {
    const page = await openHome();
    await page.getByRole('button', { name: /^contested/ }).click();
    await eventually(
      () => names(page),
      (shown) => expect(shown).toEqual([KUPIANSK]),
    );
    expect(new URL(page.url()).searchParams.get('status')).toBe('contested');
    await page.getByLabel('What is reported').selectOption('fighting');
    expect(new URL(page.url()).searchParams.get('flag')).toBe('fighting');
    // And the address alone shows the same
    await page.reload();
    await eventually(
      () => names(page),
      (shown) => expect(shown).toEqual([KUPIANSK]),
    );
    // And the way back is the browser's
    await page.goBack();
    await page.goBack();
    await eventually(
      async () => (await names(page)).length,
      (shown) => expect(shown).toBe(11),
    );
  });

  it('finds a place by its name in another script', async () => {
    const page = await openHome();
    await page.getByRole('searchbox').fill('Купянск');
    await eventually(
      () => names(page),
      (shown) => expect(shown).toEqual([KUPIANSK, 'Kupiansk-Vuzlovyi']),
    );
  });

  it('shows what was said at a past moment, step by step, without the news of today', async () => {
    const page = await openHome();
    // When the clock steps from now to the day before the last change
    await page.getByRole('button', { name: 'A day back' }).click();
    await page.getByRole('button', { name: 'A day back' }).click();
    // Then Kupiansk is claimed by one side alone
    await eventually(
      () => place(page, KUPIANSK).textContent(),
      (shown) => expect(shown).toContain('claimed'),
    );
    await eventually(
      () => place(page, KUPIANSK).textContent(),
      (shown) => expect(shown).not.toContain('Ukraine'),
    );
    expect(new URL(page.url()).searchParams.get('asOf')).toBe('2025-11-20');
    expect(await page.locator('.clock-words').textContent()).toBe('As of the end of 20 Nov 2025');
    // And now is a click away
    await page.locator('.clock').getByRole('button', { name: 'Now', exact: true }).click();
    await eventually(
      () => place(page, KUPIANSK).textContent(),
      (shown) => expect(shown).toContain('contested'),
    );
    expect(new URL(page.url()).searchParams.get('asOf')).toBeNull();
  });

  it('is used by the keyboard alone', async () => {
    const page = await openHome();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the content');
    await page.keyboard.press('Enter');
    const reached: string[] = [];
    for (let step = 0; step < 60 && !reached.includes(KUPIANSK); step++) {
      await page.keyboard.press('Tab');
      reached.push(await page.evaluate('document.activeElement.textContent'));
    }
    expect(reached).toContain(KUPIANSK);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/places/gn-703656');
  });

  it('shows list or map in a narrow window', async () => {
    const page = await openHome('', WINDOWS.phone);
    expect(await page.locator('.home-map').isVisible()).toBe(false);
    await page.getByRole('button', { name: 'Map', exact: true }).click();
    expect(await page.locator('.home-map').isVisible()).toBe(true);
    expect(await page.locator('.home-list').isVisible()).toBe(false);
    expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true);
  });

  it('speaks Ukrainian where the reader does', async () => {
    const page = await openHome('', { locale: 'uk-UA' });
    expect(await page.locator('html').getAttribute('lang')).toBe('uk');
    expect(await place(page, KUPIANSK).textContent()).toContain('спірне');
  });

  it.each([
    ['phone', 'light'],
    ['desktop', 'light'],
    ['desktop', 'dark'],
  ] as const)('can be read by everybody: %s, %s', async (window, colorScheme) => {
    const page = await openHome('', { ...WINDOWS[window], colorScheme });
    expect(await violationsOn(page)).toEqual([]);
  });

  it('shows news without moving the list', async () => {
    const page = await openHome();
    await page.getByText('Live', { exact: true }).waitFor();
    const before = await names(page);
    // When a statement about another place comes in
    await running.record({ location: { name: 'Kurylivka', region: 'Kharkiv', country: 'UA' } });
    // Then its status is there, in its old place, and the reader is told
    await page.getByRole('button', { name: '1 place has changed' }).waitFor();
    expect(await place(page, 'Kurylivka').textContent()).toContain('claimed');
    expect(await names(page)).toEqual(before);
    // And the order is renewed when the reader asks for it
    await page.getByRole('button', { name: '1 place has changed' }).click();
    await page.getByRole('button', { name: '1 place has changed' }).waitFor({ state: 'detached' });
  });
});
