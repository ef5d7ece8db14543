import { setTimeout as sleep } from 'node:timers/promises';
import { migrate } from '#libs/log';
import { createPool } from '#libs/platform';
import { freshDatabase } from '../support/database.js';
import { ruleset } from '../support/test-log.js';
import { recordOverTime } from '../support/war-over-time/recording.js';
import { warOverTime } from '../support/war-over-time/war-over-time.js';
import type { Running } from './running.js';

/** A database with a war that was recorded when it happened. */
export async function toldWar(
  course: Omit<Parameters<typeof warOverTime>[0], 'from'>,
): Promise<{ url: string; drop: () => Promise<void> }> {
  const database = await freshDatabase(migrate, 'log');
  const pool = createPool(database.url, { max: 4 });
  try {
    await recordOverTime(pool, 16, warOverTime({ from: '2025-11-01', ...course }), ruleset);
  } finally {
    await pool.end();
  }
  return database;
}

/** Waits until a service shows all that is recorded. */
export async function untilProjected(running: Running): Promise<void> {
  const end = Date.now() + 60_000;
  for (; ; await sleep(50)) {
    const { json } = await running.get('/v1/projections');
    const items = json.items as { lag: { events: number } }[];
    if (items.length > 0 && items.every(({ lag }) => lag.events === 0)) return;
    if (Date.now() > end) throw new Error(`still behind: ${JSON.stringify(json)}`);
  }
}

/** All items of a list, page by page. */
export async function allOf<T>(running: Running, path: string, query: string): Promise<T[]> {
  const items: T[] = [];
  for (let cursor = ''; ;) {
    const { status, json, text } = await running.get(`${path}?limit=500&${query}${cursor}`);
    if (status !== 200) throw new Error(`${path}?${query}: ${text}`);
    items.push(...(json.items as T[]));
    if (json.nextCursor === null) return items;
    cursor = `&cursor=${json.nextCursor}`;
  }
}
