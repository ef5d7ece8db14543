import { EventEmitter, once } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import pg from 'pg';
import { checkServer, createPool } from '#libs/platform';
import { freshDatabase, type TestDatabase } from '../../../tests/support/database.js';

let database: TestDatabase;
beforeAll(async () => void (database = await freshDatabase()));
afterAll(() => database.drop());

describe('createPool', () => {
  test('int8 is a number, also in arrays; other types and other pools stay as pg has them', async () => {
    const pool = createPool(database.url, { applicationName: 'this test' });
    const sql = `select 9007199254740991::int8 as big, array[1, null]::int8[] as bigs, 1.5::numeric as exact,
                 timestamptz '2022-02-24T03:00:00.123Z' as at, timestamptz '2022-02-24T05:00+02'::text as text,
                 current_setting('application_name') as name`;
    expect((await pool.query(sql)).rows).toEqual([
      {
        big: Number.MAX_SAFE_INTEGER,
        bigs: [1, null],
        exact: '1.5',
        at: new Date('2022-02-24T03:00:00.123Z'),
        text: '2022-02-24 03:00:00+00',
        name: 'this test',
      },
    ]);
    await expect(pool.query('select 9007199254740992::int8')).rejects.toThrow('too large');
    await pool.end();
    const plain = new pg.Pool({ connectionString: database.url });
    expect((await plain.query('select 1::int8 as big')).rows).toEqual([{ big: '1' }]);
    await plain.end();
  });

  test('a statement that runs too long is cancelled', async () => {
    const pool = createPool(database.url, { statementTimeoutMs: 20 });
    await expect(pool.query('select pg_sleep(60)')).rejects.toMatchObject({ code: '57014' });
    await pool.end();
  });

  test('lost connections, idle or checked out, do not crash the process', async () => {
    const losses = new EventEmitter();
    const lost = once(losses, 'lost');
    const pool = createPool(database.url, { onLostConnection: (error) => losses.emit('lost', error) });
    const [idle, held] = await Promise.all([pool.connect(), pool.connect()]);
    const pids: number[] = [];
    for (const client of [idle, held])
      pids.push((await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]!.pid);
    idle.release();
    const heldEnds = new Promise((resolve) => held.once('end', resolve));
    const killer = createPool(database.url);
    await killer.query('select pg_terminate_backend(pid) from unnest($1::int[]) as pid', [pids]);
    await Promise.all([lost, heldEnds]);
    held.release(true);
    expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    await Promise.all([pool.end(), killer.end()]);
  });
});

describe('checkServer', () => {
  test('passes, and leaves pg_trgm behind, also from several processes at once', async () => {
    const pools = Array.from({ length: 4 }, () => createPool(database.url));
    const reports = await Promise.all(pools.map((pool) => checkServer(pool)));
    expect(reports[0]!.version).toBeGreaterThanOrEqual(160_000);
    expect(
      (await pools[0]!.query("select extname from pg_extension where extname = 'pg_trgm'")).rowCount,
    ).toBe(1);
    await Promise.all(pools.map((pool) => pool.end()));
  });

  test.each([
    ['SQL_ASCII', 'is encoded in SQL_ASCII'],
    ['UTF8', 'knows no Cyrillic letters'],
  ])('a database of encoding %s and locale C is refused with what to do', async (encoding, reason) => {
    const admin = createPool(database.url);
    const name = `${new URL(database.url).pathname.slice(1)}_${encoding.toLowerCase()}`;
    await admin.query(
      `create database ${name} template template0 encoding '${encoding}' locale_provider libc locale 'C'`,
    );
    const pool = createPool(database.url.replace(/[^/]+$/, name));
    const refusal = await checkServer(pool).catch((error: Error) => error.message);
    expect(refusal).toMatch(new RegExp(`database "${name}" cannot be used:\\n.*${reason}.*CREATE DATABASE`));
    await pool.end();
    await admin.query(`drop database ${name}`);
    await admin.end();
  });
});

describe('freshDatabase', () => {
  test('prepares a template once and clones it', async () => {
    let prepared = 0;
    const prepare = async (url: string) => {
      prepared++;
      const pool = createPool(url);
      await pool.query('create table made (n int); insert into made values (1)');
      await pool.end();
    };
    const databases = await Promise.all([freshDatabase(prepare, 'a test'), freshDatabase(prepare, 'a test')]);
    for (const { url, drop } of databases) {
      const pool = createPool(url);
      expect((await pool.query('select n from made')).rows).toEqual([{ n: 1 }]);
      await pool.end();
      await drop();
    }
    expect(prepared).toBe(1);
  });
});
