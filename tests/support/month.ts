import { EventStore, migrate } from '#libs/log';
import { createPool } from '#libs/platform';
import { claim, registration } from './opened-store.js';
import { freshDatabase } from './database.js';
import { Random } from './random.js';

export const SHARDS = 4;
export const BEGIN = Date.parse('2025-11-01T00:00:00.000Z');
export const HOUR_MS = 3_600_000;

/** A database with a log of one append an hour; the last event of an append is sometimes about a place itself. */
export async function monthOf(
  hours: number,
  each: number,
): Promise<{ url: string; events: number; drop: () => Promise<void> }> {
  const { url, drop } = await freshDatabase(migrate, 'log');
  const pool = createPool(url, { max: 2 });
  const random = new Random(7);
  let now = BEGIN;
  const store = await EventStore.open(pool, { shards: SHARDS, clock: () => new Date(now).toISOString() });
  for (let hour = 0; hour < hours; hour++) {
    now = BEGIN + hour * HOUR_MS;
    const claims = Array.from({ length: each - 1 }, () => claim(`place-${random.int(1, 30)}`));
    await store.append([
      ...claims,
      random.chance(0.1) ? registration(`place-${random.int(1, 30)}`) : claim('place-0'),
    ]);
  }
  await pool.end();
  return { url, events: hours * each, drop };
}
