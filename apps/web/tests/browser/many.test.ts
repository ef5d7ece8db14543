import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Page } from 'playwright-core';
import { type Running, startRunning } from '../../../../tests/api/running.js';
import { toldWar, untilProjected } from '../../../../tests/api/told-war.js';
import { violationsOn } from '../../../../tests/support/axe.js';
import { describeInBrowser, eventually, useBrowser } from '../../../../tests/support/browser.js';

describeInBrowser('the first view, where there are more places than are sent at once', () => {
  let database: Awaited<ReturnType<typeof toldWar>>;
  let running: Running;
  const browser = useBrowser();

  beforeAll(async () => {
    database = await toldWar({ seed: 7, places: 260, statements: 1500, days: 20 });
    running = await startRunning({ DATABASE_URL: database.url, MAX_MAP_PLACES: '40' });
    await untilProjected(running);
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await database?.drop();
  });

  const openHome = async (expected?: RegExp): Promise<Page> => {
    const page = await browser.open(running.url, { ...(expected && { expected }) });
    await page.locator('.place').first().waitFor();
    return page;
  };
  const count = (page: Page) => page.locator('#places-count').textContent();
  const places = (page: Page) => page.locator('.place').count();

  it('counts all, and lists them page by page', async () => {
    const { json: facets } = await running.get('/v1/locations/facets');
    const page = await openHome();
    // Then the list says how many there are, and how many of them are not on the map
    await eventually(
      () => count(page),
      (shown) => expect(shown).toBe(`${facets.count} places`),
    );
    expect(await page.locator('.list-notes').textContent()).toContain(
      `${facets.withoutCoordinates} have no position`,
    );
    for (const { value, count: number } of facets.status)
      await page.getByRole('button', { name: `${value} ${number}`, exact: true }).waitFor();
    // And shows a page, and more of them until there is none
    expect(await places(page)).toBe(100);
    await page.getByRole('button', { name: /^Show \d+ more/ }).click();
    await eventually(
      () => places(page),
      (shown) => expect(shown).toBe(200),
    );
    await page.getByRole('button', { name: /^Show \d+ more/ }).click();
    await eventually(
      () => places(page),
      (shown) => expect(shown).toBe(facets.count),
    );
    expect(await page.getByRole('button', { name: /^Show \d+ more/ }).count()).toBe(0);
    expect(new Set(await page.locator('.place-name').allTextContents()).size).toBeGreaterThan(200);
    expect(await violationsOn(page)).toEqual([]);
  });

  it('filters as the API does', async () => {
    const page = await openHome();
    await page.getByRole('button', { name: /^contested/ }).click();
    const { json: facets } = await running.get('/v1/locations/facets?status=contested');
    await eventually(
      async () => [await count(page), await places(page)],
      (shown) => expect(shown).toEqual([`${facets.count} places`, Math.min(100, facets.count)]),
    );
    expect(new Set(await page.locator('.place .status').allTextContents()).size).toBeLessThanOrEqual(1);
  });

  it('shows the places themselves where one looks closely, wherever that is', async () => {
    const { json } = await running.get('/v1/locations?limit=500');
    const found = json.items.filter((one: { coordinates: unknown }) => one.coordinates !== null).slice(0, 3);
    // What the browser advises where the mouse asks a canvas what lies under it.
    const page = await openHome(/willReadFrequently/);
    for (const { name, coordinates } of found) {
      const [lon, lat] = coordinates;
      await page.goto(`${running.url}/?map=11/${lat}/${lon}`);
      const map = await page.locator('.map-canvas').boundingBox();
      await eventually(
        async () => {
          await page.mouse.move(map!.x + 5, map!.y + 5);
          await page.mouse.move(map!.x + map!.width / 2, map!.y + map!.height / 2);
          return page.locator('.map-tip b').allTextContents();
        },
        (shown) => expect(shown).toEqual([name]),
      );
    }
  });

  it('lists the places of a past moment, which nobody counts', async () => {
    const page = await browser.open(`${running.url}/?asOf=2025-11-10&map=5.0/48.5/35`, {
      expected: /status of 422/,
    });
    await page.getByText('There are too many places for this moment. Zoom in, or filter.').waitFor();
    await eventually(
      () => places(page),
      (shown) => expect(shown).toBe(100),
    );
    expect(await count(page)).toBe('Places');
  });

  it('shows what changes while one looks', async () => {
    const page = await openHome();
    const [name] = await page.locator('.place-name').allTextContents();
    await page.getByText('Live', { exact: true }).waitFor();
    const { json } = await running.get(`/v1/locations?q=${encodeURIComponent(name!)}`);
    const { id } = json.items.find((one: { name: string }) => one.name === name);
    await running.record({ location: { id }, statedAt: '2025-11-29' });
    await page.getByRole('button', { name: /changed: update/ }).click();
    await eventually(
      () => page.locator('.place').first().textContent(),
      (shown) => expect(shown).toContain(name),
    );
  });
});
