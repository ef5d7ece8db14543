import { EventStore } from '#libs/event-store';
import { createPool } from '#libs/platform';
import { Random } from '../../support/random.js';
import { War } from '../../support/war.js';
import { inTurns, median, type Figure } from '../figure.js';
import { filled } from '../filled.js';
import type { Database, Ground } from '../ground.js';
import { end, load, service, type Load } from '../served.js';
import { candidatesOf, placesByName, SHARDS } from '../statements.js';
import { GEOJSON } from '../wire.js';

const PLACES = 50_000;
const EVENTS = 1_000_000;
/** So many places have so many statements more. */
const LONG = 20;
const LENGTHS = [100, 1000];
const STATES = 2000;
const PAGES = 200;

const FIRST_DAY = Date.parse('2022-02-24T00:00:00Z');
const DAYS = 1365;

/** What a question about the past costs, beside the same one about the present: both one at a time, over one connection. */
export async function past(ground: Ground): Promise<Figure[]> {
  const database = await filled(ground, { statements: EVENTS - PLACES, places: PLACES, label: 'past', projected: true });
  const token = await lengthen(database);
  const serving = await service(ground, database);
  await fetch(`${serving.url}/v1/locations/war-0?after=${token}&wait=30000`);

  const random = new Random(11);
  const day = () => new Date(FIRST_DAY + random.int(0, DAYS) * 86_400_000).toISOString().slice(0, 10);
  const figures: Figure[] = [];
  const beside = async (name: string, what: string, count: number, atMost: number, pathOf: () => string) => {
    const paths = Array.from({ length: count }, pathOf);
    const ask = (list: readonly string[]) => load(ground, serving, 1, list);
    const past = paths.map((path) => withQuery(path, `asOf=${day()}`));
    figures.push(await figureOf(ground, name, what, atMost, () => ask(past), () => ask(paths)));
  };

  await beside('past-state', 'the state of a place of some 20 statements as of a past day, against the present one', STATES, 2, () => `/v1/locations/war-${random.int(100, PLACES - 1)}`);
  for (const [at, length] of LENGTHS.entries())
    await beside(`past-state-${length}`, `the same of places of some ${length} statements`, STATES, 2, () => `/v1/locations/war-${at * LONG + random.int(0, LONG - 1)}`);
  for (const limit of [50, 500])
    await beside(`past-map-${limit}`, `a map page of ${limit} places as GeoJSON as of a past day, against the present one, at ${PLACES} places`, PAGES, 3, () => {
      const [west, south] = [31 + random.next() * 7, 46.5 + random.next() * 3];
      return `/v1/locations?bbox=${west.toFixed(3)},${south.toFixed(3)},${(west + 1).toFixed(3)},${(south + 1).toFixed(3)}&limit=${limit} ${GEOJSON}`;
    });
  await end(serving);
  await database.drop();
  return figures;
}

async function figureOf(ground: Ground, name: string, what: string, atMost: number, past: () => Promise<Load>, present: () => Promise<Load>): Promise<Figure> {
  const [first] = [await past(), await present()];
  const p99: number[] = [];
  const measured = await inTurns(
    ground.runs,
    async () => {
      const one = await past();
      p99.push(one.p99);
      return one.p50;
    },
    async () => (await present()).p50,
  );
  return { name, what, unit: 'ms', ...measured, aim: { of: 'ratio', atMost }, notes: { 'p99, ms': median(p99).toFixed(1), 'asked for the first time, ms': first.p50.toFixed(1) } };
}

/** Adds statements to a few places, which the service projects when it starts. @returns the token of the last ones */
async function lengthen({ url }: Database): Promise<string> {
  const pool = createPool(url, { max: 4 });
  const store = await EventStore.open(pool, { shards: SHARDS });
  const war = new War(new Random(12), { places: PLACES }, 'long');
  const inputs = LENGTHS.flatMap((length, at) => Array.from({ length: LONG * length }, (_, n) => war.statement(at * LONG + (n % LONG))));
  const candidates = candidatesOf(inputs, placesByName(PLACES));
  for (let at = 0; at < candidates.length; at += 1000) await store.append(candidates.slice(at, at + 1000));
  const heads = await store.heads();
  await pool.end();
  return heads.filter(({ position }) => position > 0).map(({ shard, position }) => `${shard}:${position}`).join(',');
}

/** A request (load.ts) with one more parameter. */
function withQuery(request: string, query: string): string {
  const [path, ...rest] = request.split(' ');
  return [`${path}${path!.includes('?') ? '&' : '?'}${query}`, ...rest].join(' ');
}
