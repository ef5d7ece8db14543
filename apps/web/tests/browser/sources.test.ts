import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
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

describeInBrowser('who said it, and where it was read', () => {
  let running: Running;
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
    for (let day = 1; day <= 60; day++)
      await running.record({
        location: { name: 'Made-up town', region: 'Kharkiv', country: 'UA' },
        speaker: { name: 'A made-up agency', party: 'ukraine' },
        statedAt: new Date(Date.UTC(2025, 7, day)).toISOString().slice(0, 10),
      });
  }, 120_000);
  afterAll(() => running?.stop());

  const open = async (path: string, options: OpenOptions = {}): Promise<Page> => {
    const page = await browser.open(`${running.url}/${path}`, options);
    await page.locator('.outcomes').waitFor();
    await page.locator('.statement-item').first().waitFor();
    return page;
  };
  /** All counts that are not 0, by their outcome. */
  const counts = async (page: Page) => {
    const rows = await page
      .locator('.outcomes tbody tr')
      .evaluateAll((all) =>
        all.map((row) => [row.firstChild!.firstChild!.textContent!, row.querySelector('td')!.textContent!]),
      );
    return Object.fromEntries(rows.filter(([, count]) => count !== '0')) as Record<string, string>;
  };

  it('counts what became of what a speaker said, each count with its definition', async () => {
    const page = await open('speakers/Igor%20Kimakovski');
    expect(await page.locator('h1').textContent()).toBe('Igor Kimakovski speaker');
    const shown = (await page.locator('main').textContent())!;
    expect(shown).toContain('6 statements about 6 places');
    expect(shown).toContain('they do not say who was right');
    expect(await counts(page)).toEqual({ 'Moves no claim': '5', 'Said by one side alone': '1' });
    for (const definition of await page.locator('.outcome-means').allTextContents())
      expect(definition).toMatch(/\w.*\.$/);
    expect(await page.locator('.outcome-means').count()).toBe(10);
    // And the list has those that are counted
    expect(await page.locator('.statement-item').count()).toBe(6);
    expect(await page.title()).toContain('Igor Kimakovski');
  });

  it('counts what became of what an outlet reported', async () => {
    const page = await open('outlets/example.org');
    expect(await page.locator('h1').textContent()).toBe('example.org outlet');
    const { length } = (await running.get('/v1/statements?outlet=example.org&limit=500')).json.items;
    const all = Object.values(await counts(page)).map(Number);
    expect(all.reduce((sum, count) => sum + count, 0)).toBe(length);
    expect(await page.locator('main').textContent()).toContain(`${length} statements are counted`);
  });

  it('counts those of the days in the address', async () => {
    const page = await open('speakers/A%20made-up%20agency?from=2025-08-01&to=2025-08-10');
    expect(await page.locator('main').textContent()).toContain('10 statements about 1 place');
    expect(await page.locator('.statement-item').count()).toBe(10);
  });

  it('reads on page by page', async () => {
    const page = await open('speakers/A%20made-up%20agency');
    expect(await page.locator('.statement-item').count()).toBe(50);
    await page.getByRole('button', { name: 'Show more' }).click();
    await eventually(
      () => page.locator('.statement-item').count(),
      (shown) => expect(shown).toBe(60),
    );
  });

  it('leads to the statements and the places, and back', async () => {
    const page = await open('speakers/Igor%20Kimakovski');
    await page.locator('.said-link').first().click();
    await page.getByRole('heading', { name: 'All that was recorded' }).waitFor();
    await page.getByRole('link', { name: 'all of this outlet' }).click();
    await page.waitForURL('**/outlets/example.org');
    await page.goBack();
    await page.goBack();
    await page.locator('.statement-item h3 a').first().click();
    await page.waitForURL('**/places/*');
  });

  it('says that nobody of this name has said anything', async () => {
    const page = await browser.open(`${running.url}/speakers/nobody`);
    await page.getByText('No statement meets the filter.').waitFor();
    expect(await page.locator('.outcomes').count()).toBe(0);
  });

  describe.each(['speakers/Igor%20Kimakovski', 'outlets/example.org'])('%s', (path) => {
    everybodyCanUse((options) => open(path, options));
  });
});
