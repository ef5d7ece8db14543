import { execFile } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import {
  createPool,
  DataFolderInUse,
  type EmbeddedPostgres,
  openDatabase,
  openOrAttach,
  startEmbeddedPostgres,
} from '#libs/platform';
import { cacheMb } from '../src/postgres/embedded-postgres.js';
import { startChild } from '../../../tests/support/child.js';

const root = process.getuid?.() === 0;
let dataDir: string;
let running: EmbeddedPostgres[];

beforeEach(() => {
  dataDir = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP ?? tmpdir(), 'claimline-postgres-'));
  chmodSync(dataDir, 0o755);
  running = [];
});

afterEach(async () => {
  // One that a failed test has left in any state must not keep the others from being stopped.
  await Promise.allSettled(running.map((server) => server.stop()));
  const data = join(dataDir, 'postgres');
  if (existsSync(data)) rmSync(realpathSync(data), { recursive: true });
  rmSync(dataDir, { recursive: true });
});

async function start(dir = dataDir): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir: dir });
  running.push(server);
  return server;
}

/** The server's answer to a client that asks for TLS: S or N. */
async function askForTls(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  // SSLRequest of PostgreSQL's protocol: its length, and its code.
  socket.write(Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]));
  const [answer] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return answer.toString();
}

/** Tries until the query works: between the death of a server and its restart connections are refused. */
async function queryWhenBack(pool: pg.Pool, sql: string): Promise<unknown[]> {
  for (;;) {
    try {
      return (await pool.query<Record<string, unknown>>(sql)).rows;
    } catch (error) {
      if ((error as { code?: string }).code?.startsWith('42') === true) throw error;
      await new Promise(setImmediate);
    }
  }
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const pool = createPool(url, { max: 1 });
  try {
    return (await pool.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await pool.end();
  }
}

test.each([
  ['of 256 MB 128 MB, as PostgreSQL has it', 256, 128],
  ['of 1 GB a quarter', 1024, 256],
  ['of 8 GB a quarter', 8192, 2048],
  ['of 64 GB 2 GB', 65_536, 2048],
])('the cache is, %s', (_, memoryMb, cache) => {
  expect(cacheMb(memoryMb * 2 ** 20)).toBe(cache);
});

describe('starting and stopping', () => {
  test('it serves this machine alone, by TCP, and speaks no TLS, whatever files of the data folder say', async () => {
    const first = await start();
    await query(first.url, "alter system set ssl = 'on'");
    await query(first.url, "alter system set listen_addresses = '*'");
    await query(first.url, "alter system set unix_socket_directories = '/tmp'");
    await first.stop();
    const { url, port } = await start();
    const names = ['listen_addresses', 'ssl', 'unix_socket_directories'];
    expect(
      await query(
        url,
        `select name, setting from pg_settings where name in ('${names.join("','")}') order by name collate "C"`,
      ),
    ).toEqual([
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'ssl', setting: 'off' },
      { name: 'unix_socket_directories', setting: '' },
    ]);
    expect(await askForTls(port)).toBe('N');
  });

  test('a second start finds the data; settings are safe ones', async () => {
    const first = await start();
    await query(first.url, 'create table kept as select 1 as n');
    const names = [
      'fsync',
      'synchronous_commit',
      'full_page_writes',
      'listen_addresses',
      'TimeZone',
      'server_encoding',
    ];
    expect(
      await query(
        first.url,
        `select name, setting from pg_settings where name in ('${names.join("','")}') order by name collate "C"`,
      ),
    ).toEqual([
      { name: 'TimeZone', setting: 'UTC' },
      { name: 'fsync', setting: 'on' },
      { name: 'full_page_writes', setting: 'on' },
      { name: 'listen_addresses', setting: '127.0.0.1' },
      { name: 'server_encoding', setting: 'UTF8' },
      { name: 'synchronous_commit', setting: 'on' },
    ]);
    expect(
      await query(first.url, `select pg_size_bytes(current_setting('shared_buffers')) / 2 ^ 20 as mb`),
    ).toEqual([{ mb: cacheMb() }]);
    await expect(query(first.url.replace(/:[^:@]+@/, ':wrong@'), 'select 1')).rejects.toThrow(
      'password authentication failed',
    );
    expect(statSync(join(dataDir, 'postgres-password')).mode & 0o777).toBe(0o600);
    await first.stop();
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
    const second = await start();
    expect(second.adopted).toBe(false);
    expect(await query(second.url, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  test('what a first start that was cut off has left is thrown away', async () => {
    mkdirSync(join(dataDir, 'postgres.new', 'base'), { recursive: true });
    const server = await start();
    expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    expect(existsSync(join(dataDir, 'postgres.new'))).toBe(false);
  });

  test('a server that cannot start says why', async () => {
    await (await start()).stop();
    running = [];
    writeFileSync(join(dataDir, 'postgres', 'postgresql.auto.conf'), 'nonsense = on\n');
    await expect(start()).rejects.toThrow(
      /PostgreSQL cannot start:\n.*unrecognized configuration parameter "nonsense"/s,
    );
  });

  test('a postmaster.pid whose number belongs to another process now is no obstacle', async () => {
    const server = await start();
    const file = join(dataDir, 'postgres', 'postmaster.pid');
    const content = readFileSync(file, 'utf8');
    await server.stop();
    writeFileSync(file, content.replace(/^\d+/, String(process.ppid)));
    expect((await start()).adopted).toBe(false);
  });

  test('openDatabase lets one process in, and the next when that has closed', async () => {
    const database = await openDatabase({ dataDir });
    await expect(openDatabase({ dataDir })).rejects.toThrow(DataFolderInUse);
    const guest = await openOrAttach({ dataDir });
    expect(guest).toMatchObject({ url: database.url, embedded: true });
    await guest.close();
    expect(await query(database.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    await database.close();
    const next = await openDatabase({ dataDir });
    expect(await query(next.url, 'select 1 as n')).toEqual([{ n: 1 }]);
    await next.close();
  });

  test('openDatabase takes DATABASE_URL as it is and touches no folder', async () => {
    const database = await openDatabase({
      databaseUrl: 'postgresql://somewhere/else',
      dataDir: join(dataDir, 'never'),
    });
    expect(database).toMatchObject({ url: 'postgresql://somewhere/else', embedded: false });
    await database.close();
    expect(existsSync(join(dataDir, 'never'))).toBe(false);
  });
});

test('without a file descriptor left a living server is not taken for dead, and a dead one comes back when there are some', async () => {
  const program = resolve('dist/tests/support/postgres-out-of-files.js');
  const { stdout } = await promisify(execFile)('sh', [
    '-c',
    'ulimit -n 128; exec "$0" "$@"',
    process.execPath,
    program,
    dataDir,
  ]);
  const report = JSON.parse(stdout) as { whileAlive: string[]; messages: string[] };
  expect(report).toMatchObject({ error: 'EMFILE', isSame: true, isAnother: true, rows: [{ n: 1 }] });
  expect(report.whileAlive).toEqual([]);
  expect(report.messages.filter((message) => /lost/.test(message))).toEqual([]);
  expect(report.messages).toContain('PostgreSQL has died; restarting it');
}, 120_000);

describe('crashes', () => {
  test('after kill -9 of the parent the server lives on and is adopted; stop() ends it', async () => {
    const parent = await startChild<{ url: string; pid: number }>('hold-postgres', dataDir);
    await query(parent.report.url, 'create table kept as select 1 as n');
    await parent.kill();
    expect(await query(parent.report.url, 'select n from kept')).toEqual([{ n: 1 }]);
    const server = await start();
    expect(server).toMatchObject({ adopted: true, pid: parent.report.pid, url: parent.report.url });
    await server.stop();
    await expect(query(server.url, 'select 1')).rejects.toThrow('ECONNREFUSED');
  });

  test('after kill -9 of parent and server the data is recovered', async () => {
    const parent = await startChild<{ url: string; pid: number }>('hold-postgres', dataDir);
    await query(parent.report.url, 'create table kept as select 1 as n');
    await parent.kill();
    process.kill(parent.report.pid, 'SIGKILL');
    const server = await start();
    expect(server.adopted).toBe(false);
    expect(await query(server.url, 'select n from kept')).toEqual([{ n: 1 }]);
  });

  test('a parent that just ends takes the server with it', async () => {
    const parent = await startChild<{ pid: number }>('hold-postgres', dataDir);
    parent.process.stdin!.end();
    await new Promise((resolve) => parent.process.once('close', resolve));
    // Adopted only to be found shutting down, or already gone: started again in both cases.
    expect((await start()).pid).not.toBe(parent.report.pid);
  });

  test.each([
    ['started', false],
    ['adopted', true],
  ])(
    'a server that was %s is restarted on its port when it is killed, under a running query too',
    async (_, adopted) => {
      if (adopted) await (await startChild('hold-postgres', dataDir)).kill();
      const server = await start();
      expect(server.adopted).toBe(adopted);
      const pool = createPool(server.url);
      await pool.query('create table kept as select 1 as n');
      const { pid, url } = server;
      const busy = pool.query('select pg_sleep(600)').catch((error: Error) => error);
      process.kill(pid, 'SIGKILL');
      expect(await busy).toBeInstanceOf(Error);
      expect(await queryWhenBack(pool, 'select n from kept')).toEqual([{ n: 1 }]);
      expect(server.url).toBe(url);
      await pool.end();
    },
  );

  test('one that keeps dying is given up, loudly', async () => {
    const server = await start();
    const lost = new Promise<Error>((resolve) => server.onExit(resolve));
    writeFileSync(join(dataDir, 'postgres', 'postgresql.auto.conf'), 'nonsense = on\n');
    process.kill(server.pid, 'SIGKILL');
    expect((await lost).message).toContain('unrecognized configuration parameter "nonsense"');
    writeFileSync(join(dataDir, 'postgres', 'postgresql.auto.conf'), '');
    const next = await start();
    expect(await query(next.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  });
});

(root ? describe : describe.skip)('as root (only root has to run the server as somebody else)', () => {
  test('a data folder that only root can enter: the data goes elsewhere, behind a link', async () => {
    const closed = join(dataDir, 'closed', 'data');
    mkdirSync(closed, { recursive: true });
    chmodSync(join(dataDir, 'closed'), 0o700);
    const server = await start(closed);
    expect(lstatSync(join(closed, 'postgres')).isSymbolicLink()).toBe(true);
    const real = realpathSync(join(closed, 'postgres'));
    expect(statSync(real).uid).not.toBe(0);
    await query(server.url, 'create table kept as select 1 as n');
    await server.stop();
    expect(await query((await start(closed)).url, 'select n from kept')).toEqual([{ n: 1 }]);
    await running.pop()!.stop();
    rmSync(real, { recursive: true });
  });

  test('data that root has copied gets its owner back', async () => {
    const server = await start();
    const data = realpathSync(join(dataDir, 'postgres'));
    await server.stop();
    running = [];
    const { chownSync } = await import('node:fs');
    chownSync(data, 0, 0);
    await start();
    expect(statSync(data).uid).not.toBe(0);
  });
});
