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

const MANY = 'A made-up agency';

describeInBrowser('statements', () => {
  let running: Running;
  /** A statement that was struck out as a mistake. */
  let voided: string;
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
    for (let day = 1; day <= 60; day++)
      await running.record({
        speaker: { name: MANY, party: 'ukraine' },
        statedAt: new Date(Date.UTC(2025, 7, day)).toISOString().slice(0, 10),
      });
    const { json } = await running.record({
      speaker: { name: 'Maria Made-up', role: 'press officer', party: 'ukraine' },
      statedAt: '2025-11-23',
      grading: { reliability: 'B', credibility: 2 },
      extraction: { method: 'model', version: '3', confidence: 0.82 },
      source: {
        outlet: 'A made-up daily',
        url: 'https://example.org/a',
        language: 'en',
        quote: 'They have it.',
      },
    });
    voided = json.statementId;
    const path = `/v1/statements/${voided}/void`;
    const { token } = (await running.send('POST', path, { by: 'desk', reason: 'It was another speaker.' }))
      .json;
    await running.get(`/v1/locations/${json.locationId}?after=${token}`);
  }, 120_000);
  afterAll(() => running?.stop());

  const parameters = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);

  describe('in a search', () => {
    const openSearch = async (query = '', options: OpenOptions = {}): Promise<Page> => {
      const page = await browser.open(`${running.url}/statements${query}`, options);
      await page.locator('.statement-item').first().waitFor();
      return page;
    };
    const found = (page: Page) => page.locator('.statement-item .said-words').allTextContents();
    const expectFound = (page: Page, check: (shown: string[]) => void) =>
      eventually(() => found(page), check);

    it('are found by who said it, with the filter in the address', async () => {
      const page = await openSearch();
      await page.getByLabel('Speaker').fill('igor kimakovski');
      await page.keyboard.press('Enter');
      await expectFound(page, (shown) => {
        expect(shown).toHaveLength(6);
        for (const one of shown) expect(one).toContain('Igor Kimakovski');
      });
      await page.getByRole('combobox', { name: 'What', exact: true }).selectOption('captured');
      await expectFound(page, (shown) => expect(shown).toHaveLength(1));
      expect(parameters(page)).toEqual({ speaker: 'igor kimakovski', predicate: 'captured' });
      // And the address alone shows the same
      await page.reload();
      await expectFound(page, (shown) => expect(shown).toHaveLength(1));
      expect(await page.getByLabel('Speaker').inputValue()).toBe('igor kimakovski');
      // And the way back is the browser's
      await page.goBack();
      await expectFound(page, (shown) => expect(shown).toHaveLength(6));
      // And all that the speaker said is a link away
      await page.getByRole('link', { name: /^All of .*igor kimakovski/ }).click();
      await page.waitForURL('**/speakers/igor%20kimakovski');
    });

    it.each([
      ['Party', 'party', 'dnr', 7],
      ['Outlet', 'outlet', 'A made-up daily', 1],
      ['Address of the source', 'url', 'https://example.org/a', 1],
      ['From', 'from', '2025-11-23', 1],
    ])('are found by %s', async (label, name, value, number) => {
      const page = await openSearch();
      await page.getByLabel(label, { exact: true }).fill(value);
      await page.keyboard.press('Enter');
      await expectFound(page, (shown) => expect(shown).toHaveLength(number));
      expect(parameters(page)).toEqual({ [name]: value });
      // And without the filter all are there again
      await page.getByRole('button', { name: 'Clear filters' }).click();
      await expectFound(page, (shown) => expect(shown).toHaveLength(50));
      expect(parameters(page)).toEqual({});
      expect(await page.getByLabel(label, { exact: true }).inputValue()).toBe('');
    });

    it('are read on page by page, newest first', async () => {
      const page = await openSearch(`?speaker=${encodeURIComponent(MANY)}`);
      const last = () => page.locator('.statement-item time').last().textContent();
      expect(await found(page)).toHaveLength(50);
      expect(await last()).toBe('11 Aug 2025');
      await page.getByRole('button', { name: 'Show more' }).click();
      await expectFound(page, (shown) => expect(shown).toHaveLength(60));
      expect(await last()).toBe('1 Aug 2025');
      expect(await page.getByRole('button', { name: 'Show more' }).count()).toBe(0);
    });

    it('lead to the statement and to the place', async () => {
      const page = await openSearch('?speaker=Vladimir+Putin');
      await page.locator('.said-link').first().focus();
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'All that was recorded' }).waitFor();
      // The keyboard goes on with what is shown now
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement === document.querySelector("main a")')).toBe(true);
      await page.goBack();
      await page.locator('.statement-item h3 a').first().click();
      await page.waitForURL('**/places/*');
    });

    it('say that there is none', async () => {
      const page = await browser.open(`${running.url}/statements?speaker=nobody`);
      await page.getByText('No statement meets the filter.').waitFor();
    });

    everybodyCanUse((options) => openSearch('?stance=deny', options));
  });

  describe('one by one', () => {
    const openStatement = async (options: OpenOptions = {}): Promise<Page> => {
      const page = await browser.open(`${running.url}/statements/${voided}`, options);
      await page.locator('.statement-facts').nth(1).waitFor();
      return page;
    };

    it('show all that was recorded, what became of it, and its proof', async () => {
      const page = await openStatement();
      const facts = Object.fromEntries(
        await page
          .locator('.statement-facts > div')
          .evaluateAll((all) =>
            all.map((one) => [one.querySelector('dt')!.textContent, one.querySelector('dd')!.textContent]),
          ),
      ) as Record<string, string>;
      expect(facts).toMatchObject({
        'Said or denied': 'said',
        Claim: 'Russia captured it',
        Speaker: 'Maria Made-up, press officer',
        Party: 'Ukraine',
        Said: '23 Nov 2025',
        Grading: 'B (usually reliable source), 2 (probably true)',
        Now: 'struck out as a mistake of recording',
        'Struck out by': 'desk',
        'Statement id': voided,
      });
      expect(facts['Root of the tree']).toMatch(/^[0-9a-f]{64}$/);
      const said = page.locator('.said');
      expect(await said.locator('.struck').textContent()).toContain('Maria Made-up');
      expect(await said.textContent()).toContain('It was another speaker.');
      expect(await said.locator('blockquote').textContent()).toBe('They have it.');
      expect(await page.getByRole('link', { name: 'A made-up daily' }).first().getAttribute('href')).toBe(
        'https://example.org/a',
      );
      // And the proof is the API's
      const proof = await page
        .getByRole('link', { name: 'The whole proof from the API' })
        .getAttribute('href');
      expect(await (await fetch(proof!)).json()).toMatchObject({ root: facts['Root of the tree'] });
    });

    it.each([
      ['Kupiansk', '**/places/gn-703656'],
      ['Maria Made-up', '**/speakers/Maria%20Made-up'],
      ['all of this outlet', '**/outlets/A%20made-up%20daily'],
    ])('lead to %s', async (name, address) => {
      const page = await openStatement();
      await page.getByRole('link', { name, exact: true }).click();
      await page.waitForURL(address);
      await page.goBack();
      await page.getByRole('heading', { name: 'All that was recorded' }).waitFor();
    });

    it.each([
      ['en', 'No statement has this id.'],
      ['uk', 'Немає заяви з таким ідентифікатором.'],
    ])('say that there is no such statement: %s', async (locale, text) => {
      const page = await browser.open(`${running.url}/statements/${crypto.randomUUID()}`, {
        locale,
        expected: /404/,
      });
      await page.getByText(text).waitFor();
    });

    everybodyCanUse(openStatement);
  });
});
