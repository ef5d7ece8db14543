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
    // And those that have none are named
    await page.getByText('3 have no position.').click();
    expect(await page.locator('.list-notes').textContent()).toContain('Petrovsk');
    expect(await place(page, 'Petrovsk').textContent()).toContain('not on the map');
    expect(await place(page, KUPIANSK).textContent()).not.toContain('not on the map');
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

  it('says how many places each filter would leave, in the order that is asked for', async () => {
    const page = await openHome();
    const options = (label: string) => page.getByLabel(label).locator('option').allTextContents();
    expect(await options('Who holds it')).toEqual(['any side', 'Russia (2)', 'Ukraine (1)']);
    expect(await options('Region')).toEqual(['any region', 'Kharkiv (7)']);
    expect(await options('What is reported')).toContain('fighting (4)');
    // When one is chosen, the others count what is left
    await page.getByLabel('Who holds it').selectOption('russia');
    await eventually(
      () => names(page),
      (shown) => expect(shown).toEqual([KUPIANSK, 'Vovchansk']),
    );
    expect(await options('What is reported')).toEqual([
      'any report',
      'fighting (1)',
      'part of the place (1)',
    ]);
    expect(await page.getByRole('button', { name: /^contested/ }).textContent()).toContain('1');
    expect(await page.getByRole('button', { name: /^unclaimed/ }).isDisabled()).toBe(true);
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByLabel('Order').selectOption('name');
    await eventually(
      () => names(page),
      (shown) => expect(shown).toEqual(shown.toSorted((a, b) => a.localeCompare(b, 'en'))),
    );
    expect(new URL(page.url()).searchParams.get('order')).toBe('name');
    expect(await names(page)).toHaveLength(11);
  });

  it('guesses what a misspelt name may be', async () => {
    const page = await openHome();
    await page.getByRole('searchbox').fill('Kupjansc');
    await page.getByText('Names that are written much like it').getByRole('link').first().click();
    await page.waitForURL('**/places/gn-703656*');
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

  it('moves its clock by the keys of a slider', async () => {
    const page = await openHome();
    const words = page.locator('.clock-words');
    await page.getByRole('slider').focus();
    for (const [key, shown, date] of [
      ['Home', 'As of the end of 20 Nov 2025', '2025-11-20'],
      ['ArrowRight', 'As of the end of 21 Nov 2025', '2025-11-21'],
      ['ArrowLeft', 'As of the end of 20 Nov 2025', '2025-11-20'],
      ['End', 'Now', null],
    ] as const) {
      await page.keyboard.press(key);
      await eventually(
        () => words.textContent(),
        (text) => expect(text).toBe(shown),
      );
      expect(new URL(page.url()).searchParams.get('asOf')).toBe(date);
    }
  });

  it('plays from the first day to now, step by step, also for who wants nothing to move', async () => {
    const page = await openHome();
    await page.getByLabel('Speed').selectOption('1');
    await page.getByRole('button', { name: 'Play' }).click();
    const seen = new Set<string>();
    await eventually(
      async () => seen.add((await page.locator('.clock-words').textContent())!),
      (shown) => expect([...shown].at(-1)).toBe('As of the end of 21 Nov 2025'),
    );
    await eventually(
      () => page.locator('.clock-words').textContent(),
      (text) => expect(text).toBe('Now'),
    );
    expect(seen).toContain('As of the end of 20 Nov 2025');
    await page.getByRole('button', { name: 'Play' }).waitFor();
  });

  it('says which moment it shows, whatever the address asks for', async () => {
    const page = await openHome('?asOf=2025-11-20T12:30:00Z');
    const shows = (text: string) =>
      eventually(
        () => page.locator('.clock-words').textContent(),
        (shown) => expect(shown).toBe(text),
      );
    await shows('As of 20 Nov 2025, 12:30 UTC');
    // When the second clock stands before all that was recorded
    await page.goto(`${running.url}/?asOf=2025-11-20&knownAt=2025-11-21`);
    await shows('As of the end of 20 Nov 2025 · as known at the end of 21 Nov 2025');
    await page.getByText('This store had not recorded anything by then').waitFor();
    // Then it is explained, and both clocks can be set back
    await page.locator('.known summary').click();
    await page.getByText('This shows only what this store had recorded').waitFor();
    await page.getByRole('button', { name: 'All that is known' }).click();
    await shows('As of the end of 20 Nov 2025');
    await page.locator('.clock').getByRole('button', { name: 'Now', exact: true }).click();
    await shows('Now');
    await page.goto(`${running.url}/?asOf=9999-12-31T23:59:59.999Z&knownAt=2125-01-01T08:00:00Z`);
    await shows('All that was said · as known on 1 Jan 2125, 08:00 UTC');
  });

  it('does not pass what is shown for the moment that is asked for until that is there', async () => {
    const page = await openHome();
    const shown = page.locator('.home');
    await eventually(
      () => shown.getAttribute('aria-busy'),
      (busy) => expect(busy).toBe('false'),
    );
    const held: (() => void)[] = [];
    await page.route(/\/v1\/map\S*asOf/, (route) => held.push(() => void route.continue()));
    await page.getByRole('button', { name: 'A day back' }).click();
    await eventually(
      async () => held.length,
      (count) => expect(count).toBe(2),
    );
    expect(await shown.getAttribute('aria-busy')).toBe('true');
    for (const release of held) release();
    await eventually(
      () => shown.getAttribute('aria-busy'),
      (busy) => expect(busy).toBe('false'),
    );
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
    // And the map, which was hidden, shows all of its places
    await eventually(
      async () => new URL(page.url()).searchParams.get('map'),
      (look) => expect(look).not.toBeNull(),
    );
    const zoom = Number(new URL(page.url()).searchParams.get('map')!.split('/')[0]);
    const degrees = (360 * WINDOWS.phone.viewport.width) / (256 * 2 ** zoom);
    expect(degrees).toBeGreaterThan(37.713 - 36.5);
  });

  it.each([
    ['a phone', { width: 360, height: 740 }],
    ['a zoom of 400 %', { width: 320, height: 256 }],
  ])('leaves nothing that is focused under what stays in place: %s', async (_, viewport) => {
    const page = await openHome('', { viewport });
    for (let step = 0; step < 26; step++) {
      await page.keyboard.press('Tab');
      const covered = await page.evaluate(`(() => {
        const focused = document.activeElement;
        if (focused.closest('.tabs, .clock')) return '';
        const { left, top, width, height } = focused.getBoundingClientRect();
        const above = document.elementFromPoint(left + width / 2, top + height / 2);
        return above?.closest('.tabs, .clock') ? focused.textContent : '';
      })()`);
      expect([step, covered]).toEqual([step, '']);
    }
  });

  it('is one stop of the tabulator as a map, with a name', async () => {
    const page = await openHome();
    const map = page.getByRole('application', {
      name: /^Map of 11 places\. The list says the same in words/,
    });
    await map.focus();
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.closest(".legend") !== null')).toBe(true);
    await page.getByRole('button', { name: 'Zoom in' }).waitFor();
  });

  it('keeps its drawing where the reader has forced colours', async () => {
    const page = await openHome('', { forcedColors: 'active' });
    await page.locator('.map canvas').first().waitFor();
    await eventually(
      () =>
        page.evaluate<number[]>(`(() => {
          const canvas = document.querySelector('.map canvas');
          const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
          const colours = new Set();
          for (let at = 0; at < data.length; at += 400) colours.add(data.slice(at, at + 3).join());
          return [colours.size, colours.has('0,0,0') ? 1 : 0];
        })()`),
      ([colours, black]) => expect([colours! > 1, black]).toEqual([true, 0]),
    );
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
