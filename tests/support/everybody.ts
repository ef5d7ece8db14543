import { expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { violationsOn } from './axe.js';
import { type OpenOptions, WINDOWS } from './browser.js';

/** A window of 1280 px by 1024 at 400 %. */
const ZOOMED = { viewport: { width: 320, height: 256 } };

/** A control that the Tab key has reached, and what is wrong with it. */
interface Stop {
  name: string;
  fault: string | null;
}

/**
 * Every reader can use a view: in light and dark, in both languages, in small windows, by the keyboard alone, without motion.
 * @param open opens the view, and waits until it is complete
 */
export function everybodyCanUse(open: (options: OpenOptions) => Promise<Page>): void {
  it.each([
    ['light', 'en', 'phone'],
    ['dark', 'uk', 'phone'],
    ['dark', 'en', 'desktop'],
    ['light', 'uk', 'wide'],
  ] as const)('can be read in %s, %s, on a %s', async (colorScheme, locale, window) => {
    const page = await open({ ...WINDOWS[window], colorScheme, locale });
    expect(await page.locator('html').getAttribute('lang')).toBe(locale);
    expect(await violationsOn(page)).toEqual([]);
    expect(await wideParts(page)).toEqual([]);
  });

  it.each(['en', 'uk'])('is scrolled one way only at 400 %%, %s', async (locale) => {
    const page = await open({ ...ZOOMED, locale });
    expect(await wideParts(page)).toEqual([]);
  });

  it('is used by the keyboard alone, and does not move', async () => {
    const page = await open({});
    const stops = await tabThrough(page);
    // From the link that skips the head to the last one of the foot
    expect(stops[0]?.name).toBe('Skip to the content');
    expect(stops.at(-1)?.name).toBe('All of this by an API');
    expect(stops.filter(({ fault }) => fault !== null)).toEqual([]);
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  });
}

/** What makes the reader scroll sideways. Tables may, in a region of their own that the keyboard reaches. */
const wideParts = (page: Page): Promise<string[]> =>
  page.locator('*').evaluateAll((all) =>
    all
      .filter((one) => {
        const isRoot = one.parentElement === null;
        const { overflowX } = one.ownerDocument.defaultView.getComputedStyle(one);
        if (one.matches('[tabindex="0"][role="region"]') && one.querySelector('table') !== null) return false;
        return (
          one.scrollWidth > one.clientWidth + 1 && (isRoot || overflowX === 'auto' || overflowX === 'scroll')
        );
      })
      .map((one) => `${one.tagName} ${one.className}: ${one.scrollWidth} in ${one.clientWidth}`),
  );

/** Presses Tab from the top of a page until it leaves it. */
async function tabThrough(page: Page): Promise<Stop[]> {
  const stops: Stop[] = [];
  for (let presses = 0; presses < 500; presses++) {
    await page.keyboard.press('Tab');
    const stop = await page.locator(':root').evaluate((root): Stop | 'same' | 'end' => {
      const { activeElement: element, body, defaultView: window } = root.ownerDocument;
      const last = root.querySelector('[data-stop]');
      // A date is one control with several stops.
      if (element === last) return 'same';
      if (element === body || (last !== null && element === root.querySelector('a'))) return 'end';
      last?.removeAttribute('data-stop');
      element.setAttribute('data-stop', '');
      const { outlineStyle, outlineWidth } = window.getComputedStyle(element);
      const { top, bottom, left, right } = element.getBoundingClientRect();
      const isInWindow = bottom > 0 && top < window.innerHeight && right > 0 && left < window.innerWidth;
      const isBehind = last === null || (last.compareDocumentPosition(element) & 4) !== 0;
      const faults = [
        outlineStyle === 'none' || outlineWidth === '0px' ? 'has no mark of focus' : '',
        isInWindow ? '' : 'is out of the window',
        isBehind ? '' : 'is out of order',
      ].filter((fault) => fault !== '');
      const name: string = element.getAttribute('aria-label') ?? element.textContent;
      return { name: name.trim(), fault: faults.join(', ') || null };
    });
    if (stop === 'end') return stops;
    if (stop !== 'same') stops.push(stop);
  }
  throw new Error('the keyboard does not get out');
}
