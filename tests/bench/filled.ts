import { RulesetStore, type EventStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { rebuild } from '#libs/projection';
import type { Database, Ground } from './ground.js';
import { candidatesOf, openWithPlaces, placesByName, statementsOf } from './statements.js';

export interface Filling {
  statements: number;
  places: number;
  label: string;
  /** Whether the read models are level, or hold only the places. */
  projected: boolean;
  /** The share of the statements that is about a few places. */
  hot?: number;
}

/** A database with statements about this number of places in its log, and read models. */
export async function filled(
  ground: Ground,
  { statements, places, label, projected, hot = 0 }: Filling,
): Promise<Database> {
  const database = await ground.database();
  const pool = createPool(database.url, { max: 10 });
  const { store } = await openWithPlaces(pool, places);
  await new RulesetStore(pool).remember(ground.ruleset.file);
  if (!projected) await rebuild(pool, store, ground.ruleset);
  await appendAll(store, statements, places, label, hot);
  if (projected) await rebuild(pool, store, ground.ruleset);
  await pool.query('analyze');
  await pool.end();
  return database;
}

export async function appendAll(
  store: EventStore,
  statements: number,
  places: number,
  label: string,
  hot = 0,
): Promise<void> {
  const candidates = candidatesOf(statementsOf(statements, places, label, hot), placesByName(places));
  for (let at = 0; at < statements; at += 1000) await store.append(candidates.slice(at, at + 1000));
}
