import { setTimeout as sleep } from 'node:timers/promises';
import type { CDPSession, Page } from 'playwright-core';
import { quantile } from '../figure.js';

/** The map is complete where nothing was drawn for so long. */
const QUIET_MS = 700;
const GIVE_UP_MS = 60_000;

/** Milliseconds from the request of the page to the last drawing of its map. @param shown what the page has when all is there */
export async function drawn(page: Page, url: string, shown: string): Promise<number> {
  await page.goto(url);
  await page.locator(shown).first().waitFor();
  const end = Date.now() + GIVE_UP_MS;
  for (let at = -1; Date.now() < end; await sleep(QUIET_MS)) {
    const last = await page.evaluate<number>(`performance.getEntriesByName('map-drawn')[0]?.startTime ?? -1`);
    if (last > 0 && last === at) return last;
    at = last;
  }
  throw new Error('the map does not come to rest');
}

/** Milliseconds from each press of the button "a day back" to the map of that day. */
export const steps = (page: Page, count: number): Promise<number[]> =>
  page.evaluate<number[]>(`(async () => {
    const button = document.querySelector('button[aria-label="A day back"]');
    const drawn = () => performance.getEntriesByName('map-drawn')[0].startTime;
    const took = [];
    for (let step = 0; step < ${count}; step++) {
      const begin = performance.now();
      button.click();
      while (drawn() < begin) await new Promise(requestAnimationFrame);
      took.push(drawn() - begin);
    }
    return took;
  })()`);

/** For each key typed into the search, milliseconds to the next paint, in eights as browsers tell them; 16 where it was less. */
export async function typing(page: Page, text: string): Promise<number[]> {
  await page.evaluate(`(() => {
    window.keys = [];
    new PerformanceObserver((list) => window.keys.push(...list.getEntries()))
      .observe({ type: 'event', durationThreshold: 16 });
  })()`);
  const search = page.getByRole('searchbox');
  await search.focus();
  await page.keyboard.type(text, { delay: 300 });
  await sleep(QUIET_MS);
  const slow = await page.evaluate<number[]>(
    `window.keys.filter(({ name }) => name === 'keydown').map(({ duration }) => duration)`,
  );
  await search.fill('');
  return [...slow, ...Array.from({ length: Math.max(0, text.length - slow.length) }, () => 16)];
}

/** For each statement, milliseconds from its acknowledgement to the page that tells of it. @param bodies about a place each */
export const live = (page: Page, bodies: readonly object[]): Promise<number[]> =>
  page.evaluate<number[]>(`(async () => {
    const told = () => Number(/\\d+/.exec(document.querySelector('.news')?.textContent ?? '0')[0]);
    const headers = { 'content-type': 'application/json' };
    const took = [];
    for (const body of ${JSON.stringify(bodies.map((body) => JSON.stringify(body)))}) {
      const before = told();
      const answer = await fetch('v1/statements', { method: 'POST', headers, body });
      if (!answer.ok) throw new Error(await answer.text());
      const acknowledged = performance.now();
      while (told() === before) {
        if (performance.now() - acknowledged > 10_000) throw new Error('nothing is told of ' + body);
        await new Promise(requestAnimationFrame);
      }
      took.push(performance.now() - acknowledged);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return took;
  })()`);

/** Bytes of the page's heap after a collection. */
export async function heap(session: CDPSession): Promise<number> {
  for (let again = 0; again < 3; again++) await session.send('HeapProfiler.collectGarbage');
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  return usedSize;
}

export const p95 = (values: readonly number[]): number => quantile(values, 0.95);
