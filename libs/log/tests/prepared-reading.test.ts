import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { RangeFilter } from '#libs/log';
import { claim, openStore } from '../../../tests/support/opened-store.js';

// One connection, so that all queries are prepared on it: a name that two texts shared would be refused.
let log: Awaited<ReturnType<typeof openStore>>;
beforeAll(async () => {
  log = await openStore({ shards: 1 }, 1);
  await log.store.append(Array.from({ length: 40 }, (_, at) => claim(`place ${at % 4}`)));
});
afterAll(() => log.close());

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

const types = ['claim.asserted'];
const streams = ['place 1', 'place 2'];
const FILTERS: RangeFilter[] = [{}, { types }, { streams }, { streams, types }];

test('every kind of reading a range is prepared once a connection, and gives the same when it is repeated', async () => {
  const { store, pool } = log;
  const readings = async () => {
    const read: unknown[] = [];
    for (const filter of FILTERS) {
      const range = await store.range(filter);
      read.push(
        await collected(store.readRange(range, 10)),
        await collected(store.readEvents(range, 10)),
        await collected(store.readLines(range, 10)),
      );
    }
    return read;
  };
  const first = await readings();
  expect(first.map((read) => (read as unknown[]).length > 0)).toEqual(first.map(() => true));
  // PostgreSQL may plan without the values from the sixth time on.
  for (let time = 2; time <= 7; time++) expect(await readings()).toEqual(first);

  const { rows } = await pool.query<{ name: string }>(
    `select name from pg_prepared_statements where name like 'read-%' order by name collate "C"`,
  );
  const kinds = ['of-all', 'of-streams', 'of-streams-and-types', 'of-types'];
  expect(rows.map(({ name }) => name)).toEqual(
    ['lines', 'records', 'rows'].flatMap((what) => kinds.map((kind) => `read-${what}-${kind}`)),
  );
});
