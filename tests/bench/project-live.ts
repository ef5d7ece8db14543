import { once } from 'node:events';
import { Writable } from 'node:stream';
import type pg from 'pg';
import { from } from 'pg-copy-streams';
import { EventStore } from '#libs/log';
import { StoreFeed } from '#libs/feed';
import { createPool } from '#libs/platform';
import { Projector, READ_MODELS } from '#libs/projection';
import { inTurns, median, type Figure } from './figure.js';
import { filled } from './filled.js';
import type { Ground } from './ground.js';
import { SHARDS } from './statements.js';

/** A query of a connection, with the rows that a COPY sends. */
interface Step {
  client: number;
  query: unknown[];
  copied?: Buffer;
}

/** The feed and the projector bring read models that know only the places up to date, against the very same SQL without them. */
export async function projectLive(ground: Ground): Promise<Figure[]> {
  const { ours, limit, queries, seconds } = await measured(ground, 20_000, 2000);
  const figure = { unit: 'events/s', ours };
  return [
    {
      name: 'project-live',
      what: 'live projection: feed and projector bring read models that know only the places up to date',
      ...figure,
    },
    {
      name: 'project-vs-sql',
      what: 'the same, against the same SQL sent again without feed, projector and domain',
      ...figure,
      limit,
      aim: { of: 'ratio', atLeast: 0.6 },
      notes: { queries, 'SQL alone, s': seconds },
    },
  ];
}

/** The same where hardly two events of a batch are about the same place, so that nearly each of them folds one. */
export async function projectSpread(ground: Ground): Promise<Figure[]> {
  const { ours, limit, queries, seconds } = await measured(ground, 15_000, 50_000);
  return [
    {
      name: 'project-spread',
      what: 'live projection of 15,000 statements about any of 50,000 places, against the same SQL sent again',
      unit: 'events/s',
      ours,
      limit,
      notes: { queries, 'SQL alone, s': seconds },
    },
  ];
}

async function measured(
  ground: Ground,
  statements: number,
  places: number,
): Promise<{ ours: number[]; limit: number[]; queries: number; seconds: string }> {
  const source = await filled(ground, { statements, places, label: 'project', projected: false });
  let steps: Step[] = [];

  const project = async (): Promise<number> => {
    const database = await ground.database(source.name);
    const pool = createPool(database.url, { max: 4 });
    const store = await EventStore.open(pool, { shards: SHARDS });
    const stopping = new AbortController();
    let applied = 0;
    let level: () => void;
    let fail: (error: unknown) => void;
    const done = new Promise<void>((resolve, reject) => ([level, fail] = [resolve, reject]));
    const projector = new Projector(
      pool,
      store,
      { schema: READ_MODELS, ruleset: ground.ruleset },
      {
        onApplied: (one) => {
          if ((applied += one.events) >= statements) level();
        },
      },
    );
    steps = [];
    const stopRecording = recording(pool, steps);
    const begin = performance.now();
    const running = new StoreFeed(pool, { onError: (error) => fail(error) }).run(projector, stopping.signal);
    await done;
    const rate = (statements * 1000) / (performance.now() - begin);
    stopRecording();
    stopping.abort();
    await running;
    await pool.end();
    await database.drop();
    return rate;
  };
  const replay = async (): Promise<number> => {
    const database = await ground.database(source.name);
    const pool = createPool(database.url, { max: 8 });
    const { size } = new Set(steps.map(({ client }) => client));
    const clients = await Promise.all(Array.from({ length: size }, () => pool.connect()));
    const begin = performance.now();
    // Each connection by itself: they wait for each other's locks as they did.
    const send = async (client: pg.PoolClient, number: number) => {
      for (const step of steps) if (step.client === number) await sendAgain(client, step);
    };
    await Promise.all(clients.map(send));
    const rate = (statements * 1000) / (performance.now() - begin);
    for (const client of clients) client.release(true);
    await pool.end();
    await database.drop();
    return rate;
  };

  await project();
  const { ours, limit } = await inTurns(ground.runs, project, replay);
  await source.drop();
  return { ours, limit, queries: steps.length, seconds: (statements / median(limit)).toFixed(2) };
}

async function sendAgain(client: pg.PoolClient, { query, copied }: Step): Promise<void> {
  if (!copied)
    return void (await (client.query as (...args: unknown[]) => Promise<unknown>).apply(client, query));
  const stream = client.query(from(textOf(query[0])));
  stream.end(copied);
  await once(stream, 'finish');
}

/** Notes the queries of all connections of a pool, in order, until it is stopped. */
function recording(pool: pg.Pool, steps: Step[]): () => void {
  const clients = new Map<object, number>();
  let on = true;
  pool.on('acquire', (client) => {
    if (clients.has(client)) return;
    const number = clients.size;
    clients.set(client, number);
    const query = client.query.bind(client) as (...args: unknown[]) => unknown;
    Object.assign(client, {
      query: (...args: unknown[]) => {
        // A pool's own query hands its callback on.
        const own = args.filter((arg) => typeof arg !== 'function');
        const step: Step = { client: number, query: own };
        if (on && !/^\s*(un)?listen/i.test(textOf(own[0]))) steps.push(step);
        const sent = query(...args);
        if (sent instanceof Writable) {
          const end = sent.end.bind(sent) as (rows: Buffer) => Writable;
          sent.end = ((rows: Buffer) => end((step.copied = rows))) as Writable['end'];
        }
        return sent;
      },
    });
  });
  return () => (on = false);
}

const textOf = (query: unknown): string =>
  typeof query === 'string' ? query : ((query as { text?: string }).text ?? '');
