import { EventStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { copyOut, EVENT_COLUMNS, withClient } from './copy.js';
import { inTurns, type Figure } from './figure.js';
import type { Ground } from './ground.js';
import { candidatesOf, placesByName, SHARDS, statementsOf } from './statements.js';

const EVENTS = 100_000;
const PLACES = 5000;
const PAGE = 1000;

/** The whole log in order, each event parsed, against COPY TO of the same columns. */
export async function readLog(ground: Ground): Promise<Figure[]> {
  const database = await ground.database();
  const pool = createPool(database.url, { max: 4 });
  const store = await EventStore.open(pool, { shards: SHARDS });
  const candidates = candidatesOf(statementsOf(EVENTS, PLACES, 'read'), placesByName(PLACES));
  for (let at = 0; at < EVENTS; at += 1000) await store.append(candidates.slice(at, at + 1000));
  await pool.query('vacuum analyze claimline.events');

  const rateOf = async (read: () => Promise<number>) => {
    const begin = performance.now();
    const events = await read();
    if (events !== EVENTS) throw new Error(`read ${events} of ${EVENTS} events`);
    return (EVENTS * 1000) / (performance.now() - begin);
  };
  const byShard = () => rateOf(() => readShards(store));
  const asOne = () => rateOf(() => readAll(store));
  const copy = () =>
    withClient(database.url, (client) =>
      rateOf(async () => {
        await copyOut(client, `claimline.events (${EVENT_COLUMNS})`);
        return EVENTS;
      }),
    );

  await byShard();
  await copy();
  const merged: number[] = [];
  const measured = await inTurns(
    ground.runs,
    async () => {
      merged.push(await asOne());
      return byShard();
    },
    copy,
  );
  await pool.end();
  await database.drop();
  const unit = 'events/s';
  return [
    {
      name: 'read-log',
      what: 'the log read shard by shard, two at a time, each in order and parsed, against COPY TO',
      unit,
      ...measured,
      aim: { of: 'ratio', atLeast: 0.5 },
    },
    {
      name: 'read-log-merged',
      what: 'the same as one sequence over all shards (export, GET /v1/events)',
      unit,
      ours: merged,
      limit: measured.limit,
      aim: { of: 'ratio', atLeast: 0.45 },
    },
  ];
}

/** Reads the log shard by shard, two at a time. @returns the number of events */
export async function readShards(store: EventStore): Promise<number> {
  const left = Array.from({ length: SHARDS }, (_, shard) => shard).values();
  let events = 0;
  const reader = async () => {
    for (const shard of left)
      for (let after = 0; ;) {
        const page = await store.readShard(shard, after, PAGE);
        events += page.length;
        if (page.length < PAGE) break;
        after = page.at(-1)!.position;
      }
  };
  await Promise.all([reader(), reader()]);
  return events;
}

/** Reads the log as one sequence. @returns the number of events */
export async function readAll(store: EventStore): Promise<number> {
  let events = 0;
  for await (const event of store.readAll()) events += event.position > 0 ? 1 : 0;
  return events;
}
