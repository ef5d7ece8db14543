import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Running } from '../../../../tests/api/running.js';
import {
  describeInBrowser,
  eventually,
  type OpenOptions,
  useBrowser,
} from '../../../../tests/support/browser.js';
import { startWithSample } from '../../../../tests/support/sample.js';
import { everybodyCanUse } from '../../../../tests/support/everybody.js';

describeInBrowser('the page of changes', () => {
  let running: Running;
  const browser = useBrowser();

  const madeUp = (number: number, statedAt: string) => ({
    location: { name: `Made-up place ${number}`, region: 'Kharkiv', country: 'UA' },
    statedAt,
  });
  beforeAll(async () => {
    running = await startWithSample();
    // More than a page of changes, a month before those of the sample
    for (let number = 1; number <= 55; number++) await running.record(madeUp(number, '2025-10-20'));
    // And one that was taken back
    const { json } = await running.record({ location: { name: 'Taken back' }, statedAt: '2025-11-23' });
    const path = `/v1/statements/${json.statementId}/retract`;
    const body = { speaker: { party: 'russia' }, statedAt: '2025-11-24', reason: 'We were told wrong.' };
    const { token } = (await running.send('POST', path, body)).json;
    await running.get(`/v1/locations/${json.locationId}?after=${token}`);
  }, 120_000);
  afterAll(() => running?.stop());

  const openChanges = async (query = '', options: OpenOptions = {}): Promise<Page> => {
    const page = await browser.open(`${running.url}/changes${query}`, options);
    await page.locator('.change').first().waitFor();
    return page;
  };
  const days = (page: Page) => page.locator('.changes h2').allTextContents();
  const places = (page: Page) => page.locator('.change h3').allTextContents();
  const parameters = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);
  const change = (page: Page, place: string, text: string) =>
    page.locator('.change', { has: page.getByRole('link', { name: place, exact: true }), hasText: text });

  it('says day by day what a place was and became, and which statement did it', async () => {
    const page = await openChanges();
    expect((await days(page)).slice(0, 4)).toEqual([
      '24 Nov 2025',
      '23 Nov 2025',
      '21 Nov 2025',
      '20 Nov 2025',
    ]);
    const kupiansk = change(page, 'Kupiansk', 'contested');
    expect(await kupiansk.locator('.change-stages').textContent()).toMatch(
      /claimed\s*\(Russia\).*then.*contested\s*\(Russia and Ukraine\)/,
    );
    // When the reader follows the statement
    await kupiansk.getByRole('link', { name: /denied that Ukraine lost it/ }).click();
    await page.getByRole('heading', { name: 'All that was recorded' }).waitFor();
    expect(await page.locator('main').textContent()).toContain('Ukrainian military');
    // Then the way back is the browser's, and the place is a link too
    await page.goBack();
    await change(page, 'Kupiansk', 'contested').getByRole('link', { name: 'Kupiansk' }).click();
    await page.waitForURL('**/places/gn-703656');
  });

  it('says what was taken back, and why', async () => {
    const page = await openChanges();
    const shown = await change(page, 'Taken back', 'unclaimed').first().textContent();
    expect(shown).toContain('Taken back:');
    expect(shown).toContain('We were told wrong.');
  });

  it('keeps the filter in the address, with the names of the API', async () => {
    const page = await openChanges();
    await page.getByLabel('Became').selectOption('contested');
    await eventually(
      () => places(page),
      (shown) => expect(shown).toEqual(['Kupiansk']),
    );
    await page.getByLabel('Who holds it').selectOption('ukraine');
    expect(parameters(page)).toEqual({ status: 'contested', side: 'ukraine' });
    // And the address alone shows the same
    await page.reload();
    await eventually(
      () => places(page),
      (shown) => expect(shown).toEqual(['Kupiansk']),
    );
    // And the way back is the browser's
    await page.goBack();
    await page.goBack();
    await eventually(
      async () => (await places(page)).length,
      (shown) => expect(shown).toBe(50),
    );
    expect(await page.getByLabel('Became').inputValue()).toBe('');
  });

  it('shows a day or a week, and the ones before and after', async () => {
    const page = await openChanges();
    // When the reader asks for a day: that of the newest change
    await page.getByRole('button', { name: 'Day', exact: true }).click();
    await eventually(
      () => days(page),
      (shown) => expect(shown).toEqual(['24 Nov 2025']),
    );
    expect(parameters(page)).toEqual({ from: '2025-11-24', to: '2025-11-24' });
    await page.getByRole('button', { name: 'Earlier' }).click();
    await eventually(
      () => days(page),
      (shown) => expect(shown).toEqual(['23 Nov 2025']),
    );
    await page.getByRole('button', { name: 'Week', exact: true }).click();
    expect(parameters(page)).toEqual({ from: '2025-11-17', to: '2025-11-23' });
    expect(await page.locator('.span-shown').textContent()).toBe('17 Nov 2025 – 23 Nov 2025');
    await page.getByRole('button', { name: 'Earlier' }).click();
    await page.getByText('Nothing changed in these days.').waitFor();
    await page.getByRole('button', { name: 'Later' }).click();
    await eventually(
      () => days(page),
      (shown) => expect(shown).toEqual(['23 Nov 2025', '21 Nov 2025', '20 Nov 2025']),
    );
  });

  it('reads on page by page to the first change', async () => {
    const page = await openChanges();
    await page.getByRole('button', { name: 'Show earlier changes' }).click();
    await page.getByRole('button', { name: 'Show earlier changes' }).waitFor({ state: 'detached' });
    const shown = await places(page);
    // The sample has 3 changes, what was taken back 2
    expect(shown).toHaveLength(55 + 3 + 2);
    expect(new Set(shown.filter((name) => name.startsWith('Made-up'))).size).toBe(55);
  });

  it('shows what was said by a past moment, and announces nothing then', async () => {
    const page = await openChanges('?asOf=2025-11-20');
    expect((await days(page))[0]).toBe('20 Nov 2025');
    expect(await page.getByRole('button', { name: 'Pause' }).count()).toBe(0);
  });

  it('counts what is new without moving the list, and stops when asked to', async () => {
    const page = await openChanges();
    await page.getByText('Live', { exact: true }).waitFor();
    const before = await places(page);
    // When three places change
    for (const number of [101, 102, 103]) await running.record(madeUp(number, '2025-11-25'));
    // Then the reader is told, and what is read stays where it is
    await page.getByRole('button', { name: '3 new changes: show them' }).waitFor();
    expect(await places(page)).toEqual(before);
    // And they come when asked for
    await page.getByRole('button', { name: '3 new changes: show them' }).click();
    await eventually(
      async () => (await days(page))[0],
      (shown) => expect(shown).toBe('25 Nov 2025'),
    );
    await page.getByRole('button', { name: /new change/ }).waitFor({ state: 'detached' });
    // When the reader pauses
    await page.getByRole('button', { name: 'Pause' }).click();
    await page.getByText('New changes are not announced.').waitFor();
    await running.record(madeUp(104, '2025-11-25'));
    // Then the next one alone is announced after the pause
    await page.getByRole('button', { name: 'Announce new changes again' }).click();
    await running.record(madeUp(105, '2025-11-25'));
    await page.getByRole('button', { name: '1 new change: show it' }).waitFor();
  });

  everybodyCanUse((options) => openChanges('', options));
});
