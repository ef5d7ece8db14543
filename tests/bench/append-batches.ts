import { EventStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { copyIn, EVENT_COLUMNS, rowsOf, withClient } from './copy.js';
import { inTurns, type Figure } from './figure.js';
import type { Ground } from './ground.js';
import { candidatesOf, placesByName, SHARDS, statementsOf } from './statements.js';

const EVENTS = 40_000;
const BATCH = 1000;
const PLACES = 5000;

/** Batches of 1,000, with all that an append does, against COPY of the finished rows into the same table and indexes. */
export async function appendBatches(ground: Ground): Promise<Figure[]> {
  const candidates = candidatesOf(statementsOf(EVENTS, PLACES, 'append'), placesByName(PLACES));
  const rows = rowsOf(candidates);

  const append = async (callers: number, events = EVENTS) => {
    const database = await ground.database();
    const pool = createPool(database.url, { max: callers });
    const store = await EventStore.open(pool, { shards: SHARDS });
    const batches = Array.from({ length: events / BATCH }, (_, at) =>
      candidates.slice(at * BATCH, (at + 1) * BATCH),
    );
    const begin = performance.now();
    const caller = async () => {
      for (let batch = batches.pop(); batch; batch = batches.pop()) await store.append(batch);
    };
    await Promise.all(Array.from({ length: callers }, caller));
    const rate = (events * 1000) / (performance.now() - begin);
    await pool.end();
    await database.drop();
    return rate;
  };
  const copy = async (withIds: boolean) => {
    const database = await ground.database();
    const rate = await withClient(database.url, async (client) => {
      const begin = performance.now();
      await client.query('begin');
      await copyIn(client, `claimline.events (${EVENT_COLUMNS})`, rows.events);
      if (withIds) await copyIn(client, 'claimline.statement_ids (id, digest, event_id)', rows.ids);
      await client.query('commit');
      return (EVENTS * 1000) / (performance.now() - begin);
    });
    await database.drop();
    return rate;
  };

  await append(2, EVENTS / 4);
  const tried = new Map<number, number>();
  for (const callers of [1, 2, 3, 4]) tried.set(callers, await append(callers, EVENTS / 2));
  const best = [...tried].toSorted(([, a], [, b]) => b - a)[0]![0];
  const measured = await inTurns(
    ground.runs,
    () => append(best),
    () => copy(false),
  );
  return [
    {
      name: 'append-batches',
      what:
        'append of 1,000 events a call (dedupe, digest, chain), ' +
        'against one COPY of the finished rows into the same columns and indexes',
      unit: 'events/s',
      ...measured,
      aim: { of: 'ratio', atLeast: 0.5 },
      notes: {
        callers: best,
        'bytes a body': Math.round(rows.bytes / EVENTS),
        'by callers': [...tried].map(([callers, rate]) => `${callers}: ${Math.round(rate)}`).join(', '),
        'COPY of events and ids': Math.round(await copy(true)),
      },
    },
  ];
}
