import type { EventStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { Random } from '../../support/random.js';
import { War } from '../../support/war.js';
import { appendAll } from '../filled.js';
import type { Database, Ground } from '../ground.js';
import { candidatesOf, openWithPlaces, placesByName } from '../statements.js';
import { claimline } from './claimline.js';

/** How large the log is: BENCH_REPLAY=100000 tries it on a smaller one. */
export const EVENTS = Number(process.env.BENCH_REPLAY ?? 1_000_000);
export const placesOf = (events: number) => Math.min(50_000, Math.floor(events / 20));
const PART = 50_000;

/** The places with long timelines, from `war-0` on, and the statements about each of them; other places have about twenty. */
export const MUCH_SAID = { places: 10, statements: 1000 };

const logs = new WeakMap<Ground, Promise<Database>>();

/** The log that the benches of `replay` use, made at the first call, with read models up to date. It is removed with the ground. */
export function replayLog(ground: Ground): Promise<Database> {
  let log = logs.get(ground);
  if (!log) logs.set(ground, (log = withReadModels(ground)));
  return log;
}

async function withReadModels(ground: Ground): Promise<Database> {
  const database = await logOf(ground, EVENTS);
  const { seconds } = await claimline(ground, database, ['rebuild']);
  ground.say(`  rebuilt for the first time in ${Math.round(seconds)} s`);
  return database;
}

/** A database with this number of events in its log, the registrations of the places among them, and without read models. */
export async function logOf(ground: Ground, events: number): Promise<Database> {
  const database = await ground.database();
  const pool = createPool(database.url, { max: 10 });
  const places = placesOf(events);
  const { store } = await openWithPlaces(pool, places);
  const begin = performance.now();
  const much = await sayMuch(
    store,
    places,
    Math.min(MUCH_SAID.places * MUCH_SAID.statements, Math.floor(events / 10)),
  );
  for (let left = events - places - much, part = 0; left > 0; left -= PART, part++)
    await appendAll(store, Math.min(PART, left), places, `replay-${events}-${part}`);
  ground.say(
    `  ${events} events appended in ${Math.round((performance.now() - begin) / 1000)} s, the making of them included`,
  );
  await pool.query('vacuum analyze');
  await pool.end();
  return database;
}

async function sayMuch(store: EventStore, places: number, statements: number): Promise<number> {
  const war = new War(new Random(11), { places }, 'much');
  const inputs = Array.from({ length: statements }, (_, at) => war.statement(at % MUCH_SAID.places));
  const candidates = candidatesOf(inputs, placesByName(places));
  for (let at = 0; at < statements; at += 1000) await store.append(candidates.slice(at, at + 1000));
  return statements;
}
