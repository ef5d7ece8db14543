import { availableParallelism } from 'node:os';
import { RulesetStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { withClient } from '../copy.js';
import type { Database, Ground } from '../ground.js';
import { claimline } from '../replay/claimline.js';
import { runProgram } from '../served.js';
import { openWithPlaces, PART } from '../statements.js';

const STATEMENTS_A_PLACE = 20;
/** Parts of the war between two lines of progress. */
const PARTS_AT_ONCE = 50;
const MOST_FILLERS = 4;

/** A log of one size, with read models that are up to date. */
export interface GrownLog {
  places: number;
  /** Parts of the war that are in it. */
  parts: number;
  database: Database;
  appendedPerSecond: number;
  rebuild: { seconds: number; mostMb: number };
  /** "1,000,000 events" */
  size: string;
}

/** Makes a log of about this many events: registrations of places, and twenty statements about each. */
export async function growLog(ground: Ground, events: number): Promise<GrownLog> {
  const places = Math.floor(events / (STATEMENTS_A_PLACE + 1));
  const parts = Math.max(1, Math.round((events - places) / PART));
  const size = `${(places + parts * PART).toLocaleString('en-US')} events`;
  const database = await ground.database();
  const pool = createPool(database.url, { max: 10 });
  let begin = performance.now();
  await openWithPlaces(pool, places);
  await new RulesetStore(pool).remember(ground.ruleset.file);
  ground.say(`  ${size}: ${places} places registered in ${since(begin)} s`);
  begin = performance.now();
  for (let from = 0; from < parts; from += PARTS_AT_ONCE) {
    await fill(database, places, from, Math.min(parts, from + PARTS_AT_ONCE));
    ground.say(
      `  ${size}: ${Math.min(parts, from + PARTS_AT_ONCE) * PART} statements after ${since(begin)} s`,
    );
  }
  const appendedPerSecond = (parts * PART * 1000) / (performance.now() - begin);
  const recorded = await recordedIn(database);
  if (recorded !== places + parts * PART)
    throw new Error(`${recorded} events are in the log instead of ${places + parts * PART}`);
  const rebuild = await claimline(ground, database, ['rebuild']);
  ground.say(`  ${size}: rebuilt in ${Math.round(rebuild.seconds)} s, ${Math.round(rebuild.mostMb)} MB`);
  begin = performance.now();
  await pool.query('vacuum analyze');
  ground.say(`  ${size}: vacuumed in ${since(begin)} s`);
  await pool.end();
  return { places, parts, database, appendedPerSecond, rebuild, size };
}

/** Appends parts by several processes at once: while one waits for the database, another makes statements. */
async function fill({ url }: Database, places: number, from: number, to: number): Promise<void> {
  const fillers = Math.min(MOST_FILLERS, Math.max(2, availableParallelism()));
  const parts = Array.from({ length: to - from }, (_, at) => from + at);
  await Promise.all(
    Array.from({ length: Math.min(fillers, parts.length) }, (_, filler) =>
      runProgram(
        'growth/fill',
        url,
        String(places),
        ...parts.filter((part) => part % fillers === filler).map(String),
      ),
    ),
  );
}

const recordedIn = ({ url }: Database): Promise<number> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ sum: number }>('select sum(position)::float8 from claimline.heads');
    return rows[0]!.sum;
  });

const since = (begin: number) => Math.round((performance.now() - begin) / 1000);

/** What the tables take on disk, their indexes included, in bytes an event, and the cache that the server has for them. */
export const heldBy = ({ database, places, parts }: GrownLog): Promise<string> =>
  withClient(database.url, async (client) => {
    const { rows } = await client.query<{ table: string; bytes: number; indexes: number }>(
      `select relname as table, pg_total_relation_size(oid)::float8 as bytes, pg_indexes_size(oid)::float8 as indexes
       from pg_class where relkind = 'r' and relnamespace in ('claimline'::regnamespace, 'read_models'::regnamespace)
       order by bytes desc`,
    );
    const all = rows.reduce((sum, { bytes }) => sum + bytes, 0);
    const each = (bytes: number) => (bytes / (places + parts * PART)).toFixed(0);
    const largest = rows.filter(({ bytes }) => bytes > all / 100);
    return [
      `${(all / 1e9).toFixed(1)} GB`,
      ...largest.map(({ table, bytes, indexes }) => `${table} ${each(bytes)} (indexes ${each(indexes)})`),
    ].join(', ');
  });
