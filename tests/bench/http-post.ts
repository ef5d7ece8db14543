import { createPool } from '#libs/platform';
import { inTurns, median, type Figure } from './figure.js';
import type { Ground } from './ground.js';
import { bare, end, load, service, type Load } from './served.js';
import { openWithPlaces, statementsOf } from './statements.js';

const REQUESTS = 12_000;
const WARM_UP = 3000;
const CONNECTIONS = 64;
const PLACES = 2000;

/** Single statements over HTTP: the API alone, and all parts in one process, against a bare server that inserts rows. */
export async function httpPost(ground: Ground): Promise<Figure[]> {
  const registered = await ground.database();
  const pool = createPool(registered.url);
  await openWithPlaces(pool, PLACES);
  await pool.end();
  const bodies = statementsOf(WARM_UP + REQUESTS, PLACES, 'post').map((statement) =>
    JSON.stringify(statement),
  );

  const p99: number[] = [];
  const measure = async (start: typeof service, parts: string[], of?: string): Promise<Load> => {
    const database = await ground.database(of);
    const serving = await start(ground, database, parts);
    await load(ground, serving, CONNECTIONS, bodies.slice(0, WARM_UP));
    const measured = await load(ground, serving, CONNECTIONS, bodies.slice(WARM_UP));
    await end(serving);
    await database.drop();
    return measured;
  };
  const together: number[] = [];
  const measured = await inTurns(
    ground.runs,
    async () => {
      together.push((await measure(service, [], registered.name)).perSecond);
      const one = await measure(service, ['api'], registered.name);
      p99.push(one.p99);
      return one.perSecond;
    },
    async () => (await measure(bare, [])).perSecond,
  );
  await registered.drop();
  const unit = 'requests/s';
  return [
    {
      name: 'http-post',
      what: 'single statements over 64 connections to `start api`, against a bare Fastify that inserts micro-batches of the same columns',
      unit,
      ...measured,
      aim: { of: 'ratio', atLeast: 0.5 },
      notes: { 'p99, ms': median(p99).toFixed(1) },
    },
    {
      name: 'http-post-in-one',
      what: 'the same to `start`: the projector works meanwhile, in a process of its own',
      unit,
      ours: together,
      limit: measured.limit,
      aim: { of: 'ratio', atLeast: 0.35 },
    },
  ];
}
