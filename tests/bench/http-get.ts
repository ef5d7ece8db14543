import { inTurns, median, type Figure } from './figure.js';
import { filled } from './filled.js';
import type { Ground } from './ground.js';
import { Random } from '../support/random.js';
import { bare, end, load, service } from './served.js';

const REQUESTS = 30_000;
const CONNECTIONS = 64;
const PLACES = 2000;
const STATEMENTS = 20_000;

/** The state of a place over HTTP, against a bare Fastify that reads the same row by key. */
export async function httpGet(ground: Ground): Promise<Figure[]> {
  const database = await filled(ground, {
    statements: STATEMENTS,
    places: PLACES,
    label: 'get',
    projected: true,
  });
  const random = new Random(3);
  const paths = Array.from({ length: REQUESTS }, () => `/v1/locations/war-${random.int(0, PLACES - 1)}`);
  const [ours, other] = [await service(ground, database), await bare(ground, database)];
  for (const serving of [ours, other]) await load(ground, serving, CONNECTIONS, paths.slice(0, 10_000));
  const p99: number[] = [];
  const measured = await inTurns(
    ground.runs,
    async () => {
      const one = await load(ground, ours, CONNECTIONS, paths);
      p99.push(one.p99);
      return one.perSecond;
    },
    async () => (await load(ground, other, CONNECTIONS, paths)).perSecond,
  );
  await Promise.all([end(ours), end(other)]);
  await database.drop();
  return [
    {
      name: 'http-get',
      what: 'GET of a location over 64 connections, against a bare Fastify with a named pg statement and the same log line',
      unit: 'requests/s',
      ...measured,
      aim: { of: 'ratio', atLeast: 0.8 },
      notes: { 'p99, ms': median(p99).toFixed(1) },
    },
  ];
}
