import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, chromium, type Page } from 'playwright-core';
import { EventStore, RulesetStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { rebuild } from '#libs/projection';
import { pathOfProgram } from '../../support/program-path.js';
import type { Serving } from '../../support/service.js';
import { recordOverTime } from '../../support/war-over-time/recording.js';
import { warOverTime } from '../../support/war-over-time/war-over-time.js';
import { type Figure, inTurns, median } from '../figure.js';
import { filled } from '../filled.js';
import type { Database, Ground } from '../ground.js';
import { end, service } from '../served.js';
import { SHARDS } from '../statements.js';
import { drawn, heap, live, p95, steps, typing } from './watching.js';

const MONTH = { seed: 1, places: 3000, statements: 12_000, days: 30, from: '2025-11-01' };
const MANY = 50_000;
const STEPS = 25;
const KEYS = 'petrivka';
const NEWS = 40;
/** Of the long look: so many statements about so few places, in three parts. */
const UPDATES = 3000;
const UPDATED = 300;

/** The page in a browser, against the same page of an empty store, which draws the base map alone. */
export async function page(ground: Ground): Promise<Figure[]> {
  const executablePath = pathOfProgram('chromium');
  if (executablePath === undefined)
    throw new Error('there is no chromium (Debian: apt-get install chromium)');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const databases = {
    none: await ground.database(),
    month: await month(ground),
    many: await filled(ground, { statements: 60_000, places: MANY, label: 'many', projected: true }),
  };
  const serving = {
    none: await service(ground, databases.none),
    month: await service(ground, databases.month),
    many: await service(ground, databases.many),
  };
  ground.say('  stores are ready');
  try {
    const drawing = async (name: string, of: Serving, atMost: number): Promise<Figure> => ({
      name,
      what: `from the request of the page to the last drawing of its map, the best of ${ground.runs} (ours), against the same page of an empty store`,
      unit: 'ms',
      ...best(
        await inTurns(
          ground.runs,
          () => looking(browser, (one) => drawn(one, of.url, '.place')),
          () => looking(browser, (one) => drawn(one, serving.none.url, '.map-note:not(:empty)')),
        ),
      ),
      aim: { of: 'ours', atMost },
    });
    const figures: Figure[] = [];
    for (const measure of [
      () => drawing('page-3000', serving.month, 1500),
      () => drawing('page-50000', serving.many, 3000),
      () => stepping(ground, browser, serving.month),
      () => writing(ground, browser, serving.month),
      () => hearing(ground, browser, serving.month),
      () => staying(browser, serving.month),
    ]) {
      const figure = await measure();
      ground.say(`  ${figure.name}: ${figure.ours.join(', ')}`);
      figures.push(figure);
    }
    return figures;
  } finally {
    await browser.close();
    await Promise.all(Object.values(serving).map(end));
    for (const database of Object.values(databases)) await database.drop();
  }
}

/** The best of each, since on a shared machine only that says what the page takes. */
const best = (measured: { ours: number[]; limit?: number[] }) => ({
  ours: [Math.min(...measured.ours)],
  ...(measured.limit && { limit: [Math.min(...measured.limit)] }),
  notes: { 'all runs, ms': measured.ours.map((ms) => ms.toFixed(0)).join(' ') },
});

/** Runs a measurement some times, and keeps the best 95th percentile. */
async function bestOf(ground: Ground, measure: () => Promise<number[]>) {
  const ours: number[] = [];
  const medians: number[] = [];
  for (let run = 0; run < ground.runs; run++) {
    const took = await measure();
    ours.push(p95(took));
    medians.push(median(took));
  }
  const { notes, ...figure } = best({ ours });
  return { ...figure, unit: 'ms', notes: { ...notes, 'p50, ms': Math.min(...medians).toFixed(0) } };
}

const stepping = async (ground: Ground, browser: Browser, { url }: Serving): Promise<Figure> => ({
  name: 'page-step',
  what: `a day back by the clock to the map of that day, 3,000 places, the month loaded before: p95 of ${STEPS}, best of ${ground.runs}`,
  ...(await bestOf(ground, () =>
    looking(browser, async (one) => {
      const loaded = one.waitForResponse(/map\/changes/);
      await drawn(one, `${url}/?asOf=2025-11-28`, '.place');
      await loaded;
      await sleep(500);
      return steps(one, STEPS);
    }),
  )),
  aim: { of: 'ours', atMost: 50 },
});

const writing = async (ground: Ground, browser: Browser, { url }: Serving): Promise<Figure> => ({
  name: 'page-key',
  what: `a key typed into the search to the next paint, as the browser tells it: p95 of ${KEYS.length}, best of ${ground.runs}`,
  ...(await bestOf(ground, () =>
    looking(browser, async (one) => {
      await drawn(one, url, '.place');
      return typing(one, KEYS);
    }),
  )),
  aim: { of: 'ours', atMost: 50 },
});

/** The ids of some places that the page shows. */
async function placesOf(url: string, count: number): Promise<string[]> {
  const { columns } = (await (await fetch(`${url}/v1/map`)).json()) as { columns: { id: string[] } };
  return columns.id.slice(0, count);
}

let serial = 0;
const statementOn = (id: string) => ({
  stance: 'assert',
  claim: { predicate: 'captured', actor: (serial += 1) % 2 === 0 ? 'russia' : 'ukraine' },
  location: { id },
  speaker: { party: serial % 2 === 0 ? 'russia' : 'ukraine' },
  statedAt: new Date(Date.parse('2025-12-01') + serial * 1000).toISOString(),
});

const hearing = async (ground: Ground, browser: Browser, { url }: Serving): Promise<Figure> => {
  const ids = await placesOf(url, NEWS * ground.runs);
  return {
    name: 'page-live',
    what: `a statement acknowledged to the page that tells of it: p95 of ${NEWS}, best of ${ground.runs}`,
    ...(await bestOf(ground, () =>
      looking(browser, async (one) => {
        await drawn(one, url, '.place');
        await one.locator('.live-live').waitFor();
        return live(one, ids.splice(0, NEWS).map(statementOn));
      }),
    )),
    aim: { of: 'ours', atMost: 300 },
  };
};

const staying = (browser: Browser, { url }: Serving): Promise<Figure> =>
  looking(browser, async (one) => {
    const ids = await placesOf(url, UPDATED);
    const session = await one.context().newCDPSession(one);
    await drawn(one, url, '.place');
    await one.locator('.live-live').waitFor();
    const after: number[] = [];
    for (let part = 0; part < 3; part++) {
      for (let sent = 0; sent < UPDATES / 3; sent += 50) {
        const some = Array.from({ length: 50 }, (_, at) => statementOn(ids[(sent + at) % ids.length]!));
        const answer = await fetch(`${url}/v1/statements`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(some),
        });
        if (!answer.ok) throw new Error(await answer.text());
        await sleep(100);
      }
      await sleep(3000);
      after.push(await heap(session));
    }
    return {
      name: 'page-heap',
      what: `the page's heap after ${UPDATES} live statements about ${UPDATED} places, against that after the first third`,
      unit: 'MB',
      ours: [after.at(-1)! / 1e6],
      limit: [after[0]! / 1e6],
      aim: { of: 'ratio', atMost: 1.05 },
    };
  });

/** Opens a page in a window of its own, and closes it. */
async function looking<T>(browser: Browser, use: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
  try {
    return await use(await context.newPage());
  } finally {
    await context.close();
  }
}

/** A month of a war in 3,000 places, projected. */
async function month(ground: Ground): Promise<Database> {
  const database = await ground.database();
  const pool = createPool(database.url, { max: 10 });
  await recordOverTime(pool, SHARDS, warOverTime(MONTH), ground.ruleset);
  await new RulesetStore(pool).remember(ground.ruleset.file);
  await rebuild(pool, await EventStore.open(pool, { shards: SHARDS }), ground.ruleset);
  await pool.end();
  return database;
}
