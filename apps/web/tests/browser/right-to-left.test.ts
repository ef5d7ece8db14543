import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Running } from '../../../../tests/api/running.js';
import { describeInBrowser, eventually, useBrowser } from '../../../../tests/support/browser.js';
import { startWithSample } from '../../../../tests/support/sample.js';
import {
  ARABIC_SPEAKER,
  HEBREW_SPEAKER,
  INDEPENDENT,
  looseTexts,
  OUTLET,
  PLACE,
  QUOTE,
  recordRightToLeft,
} from '../../../../tests/support/right-to-left.js';

describeInBrowser('names that run from right to left', () => {
  let running: Running;
  let statementId: string;
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
    await recordRightToLeft(running);
    const { json } = await running.get(`/v1/statements?speaker=${encodeURIComponent(HEBREW_SPEAKER)}`);
    statementId = json.items[0].statementId;
  }, 60_000);
  afterAll(() => running?.stop());

  const place = `places/${PLACE.id}`;
  it.each([
    ['the first view', '', PLACE.name],
    ['the place', place, QUOTE],
    ['changes', 'changes', ARABIC_SPEAKER],
    ['search', `statements?outlet=${encodeURIComponent(OUTLET)}`, INDEPENDENT],
    ['a statement', 'statements/{id}', HEBREW_SPEAKER],
    ['a speaker', `speakers/${encodeURIComponent(ARABIC_SPEAKER)}`, QUOTE],
    ['an outlet', `outlets/${encodeURIComponent(OUTLET)}`, INDEPENDENT],
    ['two moments of the map', 'compare?a=2025-11-19&b=now', PLACE.name],
    ['two moments of the place', `${place}/compare?a=2025-11-20&b=now`, INDEPENDENT],
  ])('leave the text beside them in its order: %s', async (_, path, shown) => {
    for (const locale of ['en', 'uk']) {
      const page = await browser.open(`${running.url}/${path.replace('{id}', statementId)}`, { locale });
      await eventually(
        () => page.locator('main').textContent(),
        (text) => expect(text).toContain(shown),
      );
      await page.locator('[aria-busy=true]').waitFor({ state: 'detached' });
      expect(await looseTexts(page)).toEqual([]);
    }
  });

  it('are said in their language where it is known', async () => {
    const page = await browser.open(`${running.url}/${place}`);
    await page.locator('blockquote').first().waitFor();
    const languageOf = (text: string) =>
      page
        .getByText(text, { exact: true })
        .first()
        .evaluate((one) => one.closest('[lang]')!.getAttribute('lang'));
    expect(await languageOf(PLACE.name)).toBe('ar');
    expect(await languageOf('תל א־ריחאן')).toBe('he');
    expect(await languageOf(QUOTE)).toBe('ar');
  });
});
