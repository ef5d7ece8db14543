import { withClient } from './copy.js';
import { inTurns, median, type Figure } from './figure.js';
import { filled } from './filled.js';
import type { Database, Ground } from './ground.js';
import { Random } from '../support/random.js';
import { bare, end, load, service } from './served.js';

const REQUESTS = 30_000;
const CONNECTIONS = 64;
const PLACES = 2000;
const STATEMENTS = 20_000;

/**
 * The state of a place over HTTP, against a bare Fastify that reads the same row by key; then for a client that has the state
 * already, against the same server, which sends it again.
 */
export async function httpGet(ground: Ground): Promise<Figure[]> {
  const database = await filled(ground, {
    statements: STATEMENTS,
    places: PLACES,
    label: 'get',
    projected: true,
  });
  const random = new Random(3);
  const paths = Array.from({ length: REQUESTS }, () => `/v1/locations/war-${random.int(0, PLACES - 1)}`);
  const tags = await tagsOf(database);
  const withTags = paths.map((path) => `${path}\t\t${tags.get(path.slice('/v1/locations/'.length))}`);
  const [ours, other] = [await service(ground, database), await bare(ground, database)];
  for (const serving of [ours, other]) await load(ground, serving, CONNECTIONS, paths.slice(0, 10_000));
  const measure = async (requests: readonly string[]) => {
    const p99: number[] = [];
    const measured = await inTurns(
      ground.runs,
      async () => {
        const one = await load(ground, ours, CONNECTIONS, requests);
        p99.push(one.p99);
        return one.perSecond;
      },
      async () => (await load(ground, other, CONNECTIONS, requests)).perSecond,
    );
    return { unit: 'requests/s', ...measured, notes: { 'p99, ms': median(p99).toFixed(1) } };
  };
  const [whole, unchanged] = [await measure(paths), await measure(withTags)];
  await Promise.all([end(ours), end(other)]);
  await database.drop();
  return [
    {
      name: 'http-get',
      what: 'GET of a location over 64 connections, against a bare Fastify with a named pg statement and the same log line',
      ...whole,
      aim: { of: 'ratio', atLeast: 1 },
    },
    {
      name: 'http-get-304',
      what: 'the same with If-None-Match, answered 304, against the same bare Fastify, which sends the whole state',
      ...unchanged,
      aim: { of: 'ratio', atLeast: 1.5 },
    },
  ];
}

/** The entity tag of the state of each place. */
async function tagsOf({ url }: Database): Promise<Map<string, string>> {
  const { rows } = await withClient(url, (client) =>
    client.query<{ id: string; etag: string }>('select id, etag from read_models.location_state'),
  );
  return new Map(rows.map(({ id, etag }) => [id, etag]));
}
