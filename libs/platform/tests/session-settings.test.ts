import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { checkServer, createPool } from '#libs/platform';
import { freshDatabase, type TestDatabase } from '../../../tests/support/database.js';
import { setForeign } from '../../../tests/support/foreign-settings.js';

// A database whose sessions begin with settings that are not those of Claimline.

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await freshDatabase();
  await setForeign(database.url);
  pool = createPool(database.url);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const VALUES = `
  select timestamptz '2026-11-28T08:00:00.5Z' as at, timestamptz '2026-11-28T08:00:00.5Z'::text as text,
    (interval '1 day 02:03:04')::text as span, (0.1::float8 + 0.2::float8)::text as sum, '\\x00ff'::bytea::text as bytes,
    '{NULL}'::text[] as nulls, current_setting('search_path') as path, current_setting('transaction_isolation') as isolation`;

describe('a session of a pool', () => {
  test('writes values as Claimline reads them, whatever the database has set', async () => {
    expect((await pool.query(VALUES)).rows).toEqual([
      {
        at: new Date('2026-11-28T08:00:00.500Z'),
        text: '2026-11-28 08:00:00.5+00',
        span: '1 day 02:03:04',
        sum: '0.30000000000000004',
        bytes: '\\x00ff',
        nulls: [null],
        path: 'public',
        isolation: 'read committed',
      },
    ]);
    const plain = new pg.Pool({ connectionString: database.url });
    expect((await plain.query(`select timestamptz '2026-11-28T08:00:00.5Z'::text as text`)).rows).toEqual([
      { text: '11/28/2026 13:45:00.5 +0545' },
    ]);
    await plain.end();
  });

  test('keeps its settings where DATABASE_URL gives others', async () => {
    const url = new URL(database.url);
    url.searchParams.set('options', '-c DateStyle=German -c TimeZone=Asia/Tokyo');
    const own = createPool(url.href, { max: 1 });
    expect((await own.query<{ text: string }>(VALUES)).rows[0]!.text).toBe('2026-11-28 08:00:00.5+00');
    await own.end();
  });

  test('finds the extension in whatever schema it is', async () => {
    await pool.query('create schema elsewhere; create extension pg_trgm with schema elsewhere');
    const own = createPool(database.url, { max: 1 });
    expect((await own.query(`select show_trgm('ab') <> '{}' as found`)).rows).toEqual([{ found: true }]);
    await own.end();
    await pool.query('drop schema elsewhere cascade');
  });

  test('is ended by no limit of time but its own', async () => {
    const limits = ['statement_timeout', 'lock_timeout', 'idle_session_timeout'].join(
      `'), current_setting('`,
    );
    const own = createPool(database.url, { max: 2 });
    const [one, other] = [await own.connect(), await own.connect()];
    await one.query('begin; select pg_advisory_xact_lock(1)');
    const waiting = other.query('select pg_advisory_lock(1)');
    await sleep(1500);
    expect((await one.query(`select array[current_setting('${limits}')] as limits`)).rows).toEqual([
      { limits: ['0', '0', '0'] },
    ]);
    await one.query('commit');
    await waiting;
    await other.query('select pg_sleep(1.2)');
    one.release();
    other.release();
    await own.end();
    const limited = createPool(database.url, { max: 1, statementTimeoutMs: 20 });
    await expect(limited.query('select pg_sleep(60)')).rejects.toMatchObject({ code: '57014' });
    await limited.end();
  }, 60_000);

  test('refuses a time in another form instead of taking it for none', async () => {
    const own = createPool(database.url, { max: 1 });
    await expect(own.query(`set DateStyle = 'SQL, MDY'; select now() as at`)).rejects.toThrow(
      /is no time in the form of DateStyle ISO/,
    );
    await own.end();
  });
});

describe('the check of the server', () => {
  test('passes', async () => {
    await expect(checkServer(pool)).resolves.toMatchObject({ warnings: expect.any(Array) });
  });

  test('names each setting that does not hold', async () => {
    const plain = new pg.Pool({ connectionString: database.url });
    const refusal = await checkServer(plain).catch((error: Error) => error.message);
    expect(refusal).toContain('DateStyle is "SQL, MDY" in a session that was told "ISO, YMD"');
    for (const name of ['TimeZone', 'extra_float_digits', 'bytea_output', 'standard_conforming_strings'])
      expect(refusal).toContain(`${name} is "`);
    await plain.end();
  });
});
