import { Keys } from '#libs/access';
import { createPool } from '#libs/platform';
import { Random } from '../support/random.js';
import { inTurns, type Figure } from './figure.js';
import { filled } from './filled.js';
import type { Database, Ground } from './ground.js';
import { end, load, service } from './served.js';
import { statementsOf } from './statements.js';
import { cpuOf } from './work.js';

/** Of the rate, and of the processor time, without keys. */
const [LEAST, MOST] = [0.95, 1.05];
const CONNECTIONS = 64;
const PLACES = 2000;
const STATEMENTS = 5000;
const GETS = 2000;
const POSTS = 1000;
/** Short ones in turns: what disturbs the machine for a while disturbs both. */
const ROUNDS = 20;

/** GET and POST with a key, against the same service that is open: in turns, both at once running. */
export async function keys(ground: Ground): Promise<Figure[]> {
  const before = await filled(ground, {
    statements: STATEMENTS,
    places: PLACES,
    label: 'keys',
    projected: true,
  });
  const [guarded, open] = [await ground.database(before.name), await ground.database(before.name)];
  const key = await keyOf(guarded);
  const servings = [
    { serving: await service(ground, guarded, ['api']), key },
    { serving: await service(ground, open, ['api']), key: undefined },
  ] as const;
  const random = new Random(5);
  const gets = () => Array.from({ length: GETS }, () => `/v1/locations/war-${random.int(0, PLACES - 1)}`);
  const posts = (label: string) =>
    statementsOf(POSTS, PLACES, label).map((statement) => JSON.stringify(statement));

  const measure = async (requestsOf: (label: string) => string[]) => {
    /** Microseconds a request, with and without a key. */
    const cpu: [number[], number[]] = [[], []];
    const of = (which: 0 | 1) => async (run: number) => {
      const { serving, key } = servings[which];
      const requests = requestsOf(`keys-${run}`);
      const begun = cpuOf(serving.pid);
      const { perSecond } = await load(ground, serving, CONNECTIONS, requests, key);
      cpu[which].push(((cpuOf(serving.pid) - begun) * 1e6) / requests.length);
      return perSecond;
    };
    for (const which of [0, 1] as const) await of(which)(-1);
    cpu[0].length = cpu[1].length = 0;
    return { rate: await inTurns(ground.runs * ROUNDS, of(0), of(1)), cpu };
  };
  const figures = (
    name: string,
    what: string,
    { rate, cpu: [ours, limit] }: Awaited<ReturnType<typeof measure>>,
  ): Figure[] => [
    {
      name,
      what: `${what} over 64 connections with a key, against the same without keys; rounds in turns: ${ours.length}`,
      unit: 'requests/s',
      ...rate,
      aim: { of: 'ratio', atLeast: LEAST },
    },
    {
      name: `${name}-cpu`,
      what: 'processor time of the service for each of them',
      unit: 'us',
      ours,
      limit,
      aim: { of: 'ratio', atMost: MOST },
    },
  ];
  try {
    return [
      ...figures('keys-get', 'GET of a location', await measure(gets)),
      ...figures('keys-post', 'single statements', await measure(posts)),
    ];
  } finally {
    await Promise.all(servings.map(({ serving }) => end(serving)));
    for (const database of [guarded, open, before]) await database.drop();
  }
}

async function keyOf({ url }: Database): Promise<string> {
  const pool = createPool(url);
  try {
    const made = await new Keys(pool).create({ name: 'Bench', roles: ['read', 'ingest'] });
    if (!made.ok) throw new Error(made.refusal.detail);
    return made.value.key;
  } finally {
    await pool.end();
  }
}
