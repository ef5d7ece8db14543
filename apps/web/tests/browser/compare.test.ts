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

const BEFORE = '2025-11-19';

describeInBrowser('two moments', () => {
  let running: Running;
  const browser = useBrowser();

  beforeAll(async () => {
    running = await startWithSample();
  }, 60_000);
  afterAll(() => running?.stop());

  const parameters = (page: Page) => Object.fromEntries(new URL(page.url()).searchParams);
  const dateOf = (page: Page, moment: string, name: string) =>
    page.getByRole('group', { name: moment }).getByLabel(name);

  describe('of the map', () => {
    const openMap = async (query = `?a=${BEFORE}&b=now`, options: OpenOptions = {}): Promise<Page> => {
      const page = await browser.open(`${running.url}/compare${query}`, options);
      await page.locator('.kind-places li').first().waitFor();
      await page.locator('.swipe canvas').first().waitFor();
      return page;
    };
    const differing = (page: Page) => page.locator('.kind-places a').allTextContents();

    it('are chosen with both their times, and stand in the address', async () => {
      const page = await browser.open(`${running.url}/compare`);
      await page.getByText('Choose the first moment').waitFor();
      await dateOf(page, 'First moment', 'As of the end of').fill(BEFORE);
      await eventually(
        () => differing(page),
        (shown) => expect(shown.toSorted()).toEqual(['Kupiansk', 'Vovchansk']),
      );
      expect(parameters(page)).toEqual({ a: BEFORE });
      await dateOf(page, 'Second moment', 'As of the end of').fill('2025-11-20');
      await dateOf(page, 'Second moment', 'as known at the end of').fill('2025-11-20');
      // Nothing had been recorded by then
      expect(parameters(page)).toEqual({ a: BEFORE, b: '2025-11-20@2025-11-20' });
      await page.goBack();
      expect(await dateOf(page, 'Second moment', 'as known at the end of').inputValue()).toBe('');
      // And the other way round
      await page.getByRole('button', { name: 'Swap' }).click();
      expect(parameters(page)).toEqual({ a: '2025-11-20', b: BEFORE });
    });

    it('say in words what differs', async () => {
      const page = await openMap();
      expect(await page.locator('#kinds-title').textContent()).toBe('2 places differ');
      expect(await page.locator('.change-kind').allTextContents()).toEqual([
        expect.stringMatching(/unclaimed.*then.*claimed.*1 place/),
        expect.stringMatching(/unclaimed.*then.*contested.*1 place/),
      ]);
      expect(await page.locator('.swipe-ends').textContent()).toBe(
        'First moment: the end of 19 Nov 2025Second moment: now',
      );
      // And lead to the same two moments of the place, and back
      await page.getByRole('link', { name: 'Kupiansk' }).click();
      await page.waitForURL(`**/places/gn-703656/compare?a=${BEFORE}&b=now`);
      await page.goBack();
      await page.locator('.kind-places li').first().waitFor();
    });

    it('lie over each other, parted where the reader puts the line', async () => {
      // Nobody but a test reads the points of a canvas again and again.
      const page = await openMap(undefined, { expected: /willReadFrequently/ });
      const handle = page.getByRole('slider', { name: /How much of the map/ });
      const isLineAt = async (percent: number) => {
        const line = (await page.locator('.swipe-line').boundingBox())!;
        const map = (await page.locator('.swipe .map').boundingBox())!;
        expect(Math.abs(line.x + line.width / 2 - map.x - (map.width * percent) / 100)).toBeLessThan(3);
      };
      /** The number of points of the map in the colour of contested places. */
      const contested = () =>
        page.locator('.swipe canvas').evaluateAll(
          (all) =>
            all
              .flatMap((one) => {
                const { data } = one.getContext('2d').getImageData(0, 0, one.width, one.height);
                return [...new Uint32Array(data.buffer)];
              })
              .filter((point) => point === 0xff7c23b0).length,
        );
      await isLineAt(50);
      // When the line is at the left edge, by the keyboard: all of the second moment
      await handle.focus();
      await page.keyboard.press('Home');
      await isLineAt(0);
      await eventually(contested, (points) => expect(points).toBeGreaterThan(20));
      // And at the right edge all of the first, when nothing was contested
      await page.keyboard.press('End');
      await isLineAt(100);
      await eventually(contested, (points) => expect(points).toBe(0));
      await page.keyboard.press('ArrowLeft');
      await isLineAt(99);
    });

    it('are the same', async () => {
      const page = await browser.open(`${running.url}/compare?a=now&b=now`);
      await page.getByRole('heading', { name: 'Nothing differs' }).waitFor();
    });

    everybodyCanUse((options) => openMap(undefined, options));
  });

  describe('of a place', () => {
    const openPlace = async (query = '?a=2025-11-20&b=now', options: OpenOptions = {}): Promise<Page> => {
      const page = await browser.open(`${running.url}/places/gn-703656/compare${query}`, options);
      await page.locator('.side').nth(1).waitFor();
      return page;
    };
    const rows = async (page: Page) =>
      Object.fromEntries(
        await page
          .locator('.differences tbody tr')
          .evaluateAll((all) => all.map((row) => [row.firstChild!.textContent!, row.textContent!])),
      ) as Record<string, string>;

    it('say what differs, which statements came between, and both states', async () => {
      const page = await openPlace();
      expect(await page.locator('.differences thead').textContent()).toBe('Whatthe end of 20 Nov 2025now');
      const shown = await rows(page);
      expect(Object.keys(shown)).toEqual(['Status', 'Claim for Ukraine', 'Fighting']);
      expect(shown['Status']).toMatch(/claimed.*contested/);
      expect(shown['Claim for Ukraine']).toBe('Claim for Ukraineno claimclaimed');
      await page.getByRole('heading', { name: '4 statements between them' }).waitFor();
      expect(await page.locator('.timeline li').count()).toBe(4);
      expect(await page.locator('.side').nth(0).textContent()).toContain('One side alone says');
      expect(await page.locator('.side').nth(1).textContent()).toContain('Both sides claim it');
    });

    it('lead to the statements and to each moment, and back', async () => {
      const page = await openPlace();
      await page.locator('.timeline .said-link').first().click();
      await page.getByRole('heading', { name: 'All that was recorded' }).waitFor();
      await page.goBack();
      await page.locator('.side').first().getByRole('link', { name: 'Show this moment' }).click();
      await page.waitForURL('**/places/gn-703656?asOf=2025-11-20');
      await page.goBack();
      await page.getByRole('link', { name: 'Back to the place' }).click();
      await page.waitForURL('**/places/gn-703656');
    });

    it('are chosen and swapped, and stand in the address', async () => {
      const page = await openPlace('?a=2025-11-20&b=2025-11-21');
      await page.getByRole('button', { name: 'Swap' }).click();
      await eventually(
        () => rows(page),
        (shown) => expect(shown['Claim for Ukraine']).toBe('Claim for Ukraineclaimedno claim'),
      );
      expect(parameters(page)).toEqual({ a: '2025-11-21', b: '2025-11-20' });
      await dateOf(page, 'First moment', 'As of the end of').fill('2025-11-19');
      await eventually(
        () => rows(page),
        (shown) => expect(shown['Status']).toMatch(/unclaimed.*claimed/),
      );
      expect(parameters(page)).toEqual({ a: '2025-11-19', b: '2025-11-20' });
      await page.goBack();
      await eventually(
        () => rows(page),
        (shown) => expect(shown['Claim for Ukraine']).toBe('Claim for Ukraineclaimedno claim'),
      );
    });

    it('name a moment before anything was known as the end of its day', async () => {
      const page = await openPlace('?a=2025-11-20@2025-11-21&b=now');
      expect(await page.locator('.differences thead').textContent()).toBe(
        'Whatthe end of 20 Nov 2025, as known at the end of 21 Nov 2025now',
      );
    });

    everybodyCanUse((options) => openPlace(undefined, options));
  });
});
