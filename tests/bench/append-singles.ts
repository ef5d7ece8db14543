import { EventStore, type EventToAppend, type Receipt } from '#libs/log';
import { Batcher } from '#libs/concurrency';
import { RecordStatements } from '#libs/commands';
import type { Result } from '#libs/domain';
import { createPool } from '#libs/platform';
import { copyIn, EVENT_COLUMNS, rowsOf, withClient } from './copy.js';
import { inTurns, type Figure } from './figure.js';
import type { Ground } from './ground.js';
import { candidatesOf, openWithPlaces, placesByName, SHARDS, statementsOf } from './statements.js';
import { commandsOn } from '../support/commands.js';

const EVENTS = 30_000;
const CALLERS = 64;
const PLACES = 2000;

/** 64 callers, each with one event at a time: what they bring is gathered into few transactions. */
export async function appendSingles(ground: Ground): Promise<Figure[]> {
  const inputs = statementsOf(EVENTS, PLACES, 'singles');
  const candidates = candidatesOf(inputs, placesByName(PLACES));
  const rows = rowsOf(candidates);
  const registered = await ground.database();
  const pool = createPool(registered.url);
  await openWithPlaces(pool, PLACES);
  await pool.end();

  const concurrently = async <T>(items: readonly T[], call: (item: T) => Promise<unknown>) => {
    const left = items.values();
    const begin = performance.now();
    await Promise.all(
      Array.from({ length: CALLERS }, async () => {
        for (const item of left) await call(item);
      }),
    );
    return (items.length * 1000) / (performance.now() - begin);
  };
  const opened = async (use: (store: EventStore, pool: ReturnType<typeof createPool>) => Promise<number>) => {
    const database = await ground.database(registered.name);
    const own = createPool(database.url, { max: 8 });
    const rate = await use(await EventStore.open(own, { shards: SHARDS }), own);
    await own.end();
    await database.drop();
    return rate;
  };
  // As the recorder does it, with the parsing done before.
  const append = (events = EVENTS) =>
    opened((store) => {
      const batcher = new Batcher<EventToAppend, Result<Receipt>>((items) => store.append(items), {
        items: 1000,
        atOnce: 2,
        apart: 48,
      });
      return concurrently(candidates.slice(0, events), (candidate) => batcher.submit([candidate]));
    });
  const record = () =>
    opened(async (store) => {
      const commands = commandsOn(store);
      return concurrently(inputs, (input) => commands.execute(new RecordStatements([input])));
    });
  const copy = async () => {
    const database = await ground.database();
    const rate = await withClient(database.url, async (client) => {
      const begin = performance.now();
      await copyIn(client, `claimline.events (${EVENT_COLUMNS})`, rows.events);
      return (EVENTS * 1000) / (performance.now() - begin);
    });
    await database.drop();
    return rate;
  };

  await append(EVENTS / 4);
  const recorded: number[] = [];
  const measured = await inTurns(
    ground.runs,
    async () => {
      recorded.push(await record());
      return append();
    },
    copy,
  );
  await registered.drop();
  const unit = 'events/s';
  return [
    {
      name: 'append-singles',
      what: '64 callers append one event at a time, against the same COPY',
      unit,
      ...measured,
      aim: { of: 'ratio', atLeast: 0.25 },
    },
    {
      name: 'record-singles',
      what: 'the same through the recorder: statements as JSON, validated, their places resolved',
      unit,
      ours: recorded,
      limit: measured.limit,
      aim: { of: 'ratio', atLeast: 0.2 },
    },
  ];
}
