import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { FOLD } from '#libs/domain';
import { EventStore, insertStore, migrate, types } from '#libs/log';
import { createPool, inTransaction } from '#libs/platform';
import { freshDatabase } from '../../../tests/support/database.js';
import { resetSettings, setForeign } from '../../../tests/support/foreign-settings.js';
import { all, claim, logDatabase } from '../../../tests/support/opened-store.js';

const SHARDS = 4;
const STORE_ID = randomUUID();
const NOW = '2026-11-28T08:00:00.500Z';
const events = Array.from({ length: 40 }, (_, n) => claim(`place ${n % 9}`));

/** A store with the same id, clock and events; written and read by sessions that the database gives foreign settings, or not. */
async function written(foreign: boolean) {
  const database = await logDatabase();
  if (foreign) await setForeign(database.url);
  const { pool } = database;
  await inTransaction(pool, (db) =>
    insertStore(db, { id: STORE_ID, shards: SHARDS, restoring: false, fold: FOLD }),
  );
  const store = await EventStore.open(pool, { shards: SHARDS, clock: () => NOW });
  await store.append(events.slice(0, 20));
  await store.appendDeciding([0, 1, 2, 3], (transaction) => transaction.append(events.slice(20)));
  return { ...database, store };
}

/** The log, by every way of reading it. */
async function reading(store: EventStore) {
  const lines: string[] = [];
  for await (const chunk of store.readLines(await store.range({}))) lines.push(chunk.lines);
  const byStream = [];
  for await (const page of store.readByStream(1, 1000)) byStream.push(...page);
  return {
    heads: await store.heads(),
    stored: await Promise.all([0, 1, 2, 3].map((shard) => store.readStored(shard, 0, 100))),
    all: await all(store.readAll()),
    until: await all(store.readAll(new Map(), { until: NOW })),
    lines: lines.join(''),
    byStream,
    nextAfter: await store.nextAfter(new Map([[0, 1]])),
    originals: await store.originals(events.slice(0, 3).map(({ id }) => id.id)),
  };
}

describe('a log whose sessions are given foreign settings', () => {
  let plain: Awaited<ReturnType<typeof written>>;
  let foreign: Awaited<ReturnType<typeof written>>;
  beforeAll(async () => void ([plain, foreign] = await Promise.all([written(false), written(true)])));
  afterAll(async () => void (await Promise.all([plain?.close(), foreign?.close()])));

  test('has the chain of another one, and reads as it', async () => {
    const read = await reading(foreign.store);
    expect(read).toEqual(await reading(plain.store));
    expect(read.all).toHaveLength(events.length);
    for (const { recordedAt } of read.all) expect(recordedAt).toBe(NOW);
    // What was written is the same to sessions without these settings.
    await resetSettings(foreign.url);
    const pool = createPool(foreign.url);
    expect(await reading(await EventStore.open(pool, { shards: SHARDS }))).toEqual(read);
    await pool.end();
  });

  test('is made by migrations that wait longer than such a session may', async () => {
    const { url, drop } = await freshDatabase();
    const holder = createPool(url, { max: 1 });
    // The lock of all processes that migrate.
    const client = await holder.connect();
    await client.query('select pg_advisory_lock(7136842001)');
    await setForeign(url);
    const migrated = migrate(url);
    await client.query('select pg_sleep(1.5)');
    client.release(true);
    await migrated;
    expect((await holder.query('select 1 as made from claimline.log_migrations')).rowCount).toBeGreaterThan(
      0,
    );
    await holder.end();
    await drop();
  }, 60_000);
});

describe('a value that comes in another form than that of our sessions', () => {
  const time = types.getTypeParser(1114) as (text: string) => unknown;
  const bytes = types.getTypeParser(17) as (text: string) => unknown;

  test.each([
    ['2026-11-28 08:00:00', '2026-11-28T08:00:00.000Z'],
    ['2026-11-28 08:00:00.5', '2026-11-28T08:00:00.500Z'],
    ['2026-11-28 08:00:00.123456', '2026-11-28T08:00:00.123456Z'],
    ['infinity', 'infinity'],
  ])('%s is a time', (text, instant) => expect(time(text)).toBe(instant));

  test.each([
    '11/28/2026 08:00:00.5',
    '28.11.2026 08:00:00.5',
    'Sat Nov 28 08:00:00.5 2026',
    '2026-11-28 08:00:00+00',
    '',
  ])('"%s" is refused', (text) => expect(() => time(text)).toThrow(/no time in the form of DateStyle ISO/));

  test('bytes that are not hexadecimal are refused', () => {
    expect(bytes('\\x00ff')).toBe('00ff');
    expect(() => bytes('\\000\\377')).toThrow(/bytea_output = hex/);
  });
});
