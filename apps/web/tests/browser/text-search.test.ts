import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import type { Running } from '../../../../tests/api/running.js';
import { violationsOn } from '../../../../tests/support/axe.js';
import { describeInBrowser, eventually, useBrowser } from '../../../../tests/support/browser.js';
import { startWithSample } from '../../../../tests/support/sample.js';

const SPEAKER = 'Valery Gerasimov';
const QUOTE = 'Війська звільнили місто Куп’янськ';

describeInBrowser('the search of statements', () => {
  let running: Running;
  let quoted: string;
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
    const { json } = await running.send('POST', '/v1/statements', {
      stance: 'assert',
      claim: { predicate: 'captured', actor: 'russia' },
      location: { id: 'gn-703656' },
      speaker: { name: 'A spokesman', party: 'russia' },
      source: { outlet: 'wire.example', quote: QUOTE },
      statedAt: '2025-11-23',
    });
    quoted = json.statementId;
    await running.get(`/v1/statements?after=${json.token}&wait=30000`);
  }, 60_000);
  afterAll(() => running?.stop());

  const open = async (path: string): Promise<Page> => {
    const page = await browser.open(`${running.url}/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    return page;
  };
  const shown = (page: Page) => page.locator('.statement-item').count();

  it('finds a statement by words of its quote, until that is erased', async () => {
    // When a reader types the beginnings of two words, as on a keyboard without the right apostrophe
    const page = await open('statements');
    const words = page.getByLabel('Words of the quote');
    await words.fill("КУП'ЯН звільн");
    await words.press('Enter');
    // Then the statement is the only one, with its quote, and the search is in the address
    await eventually(
      () => shown(page),
      (count) => expect(count).toBe(1),
    );
    expect(await page.locator('.statement-item').textContent()).toContain(QUOTE);
    expect(new URL(page.url()).searchParams.get('text')).toBe("КУП'ЯН звільн");
    expect(await violationsOn(page)).toEqual([]);
    // And an erased quote is found no more
    await running.send('DELETE', `/v1/statements/${quoted}/quote?by=court&reason=order`);
    await words.fill('звільнили');
    await words.press('Enter');
    await page.getByText('No statement meets the filter.').waitFor();
  });

  it('follows a count to the statements that it counts', async () => {
    const page = await open(`speakers/${encodeURIComponent(SPEAKER)}`);
    const link = page.locator('.outcomes').getByRole('link').first();
    const count = Number(await link.textContent());
    const { outcome } = Object.fromEntries(
      new URL((await link.getAttribute('href'))!, page.url()).searchParams,
    );
    expect(count).toBeGreaterThan(0);
    await link.click();
    await eventually(
      () => shown(page),
      (listed) => expect(listed).toBe(count),
    );
    const query = Object.fromEntries(new URL(page.url()).searchParams);
    expect(query).toEqual({ speaker: SPEAKER, outcome });
    // And the form shows what is asked
    expect(await page.getByLabel('What became of it').inputValue()).toBe(outcome);
    expect(await violationsOn(page)).toEqual([]);
  });
});
