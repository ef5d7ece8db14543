import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLAIN, type Running, startRunning } from '../api/running.js';
import { createPool } from '#libs/platform';

/** A device on which there is never room. */
const FULL = '/dev/full';
const describeLinux = process.platform === 'linux' ? describe : describe.skip;

let running: Running;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'no-room-'));
  running = await startRunning();
  await running.record();
});
afterAll(() => running.stop());

function claimline(args: string[], out: string): Promise<{ code: number | null; err: string }> {
  return new Promise((done) => {
    const file = openSync(out, 'w');
    const child = spawn(process.execPath, [resolve('dist/apps/cli/src/main.js'), ...args], {
      stdio: ['ignore', file, 'pipe'],
      env: { PATH: process.env.PATH, DATABASE_URL: running.databaseUrl, LOG_LEVEL: 'error' },
      cwd: folder,
    });
    closeSync(file);
    let err = '';
    child.stderr!.on('data', (chunk) => (err += String(chunk)));
    child.on('close', (code) => done({ code, err }));
  });
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

describeLinux('a file without room', () => {
  it.each([
    ['an export', ['export', 'statements']],
    ['an export of the log', ['export', 'log']],
    ['a replay', ['replay', '--out', '-']],
    ['the report of an import', ['import', 'some.ndjson']],
    ['the status', ['status']],
  ])('is why %s to standard output fails', async (_, args) => {
    writeFileSync(join(folder, 'some.ndjson'), `${JSON.stringify({ ...PLAIN, statedAt: '2025-11-22' })}\n`);
    const { code, err } = await claimline(args, FULL);
    expect([code, err]).toEqual([1, expect.stringContaining('ENOSPC: no space left on device')]);
  });

  it('does not end a service that writes its log to it', async () => {
    const [file, port] = [openSync(FULL, 'w'), await freePort()];
    const child = spawn(process.execPath, [resolve('dist/apps/cli/src/main.js'), 'start'], {
      stdio: ['ignore', file, 'ignore'],
      env: { PATH: process.env.PATH, DATABASE_URL: running.databaseUrl, PORT: String(port) },
      cwd: folder,
    });
    closeSync(file);
    const get = () => fetch(`http://127.0.0.1:${port}/v1/locations`).catch(() => undefined);
    for (const end = Date.now() + 40_000; !(await get())?.ok;) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`it ended with ${child.exitCode}`);
      await new Promise((done) => setTimeout(done, 100));
    }
    for (let n = 0; n < 20; n++) expect((await get())?.status).toBe(200);
    expect(child.exitCode).toBeNull();
    child.kill('SIGTERM');
    await once(child, 'exit');
  }, 60_000);

  it('is why an export to it fails', async () => {
    const { code, err } = await claimline(['export', 'statements', '-o', FULL], join(folder, 'out'));
    expect([code, err]).toEqual([1, expect.stringMatching(/-o \/dev\/full cannot be written: ENOSPC/)]);
  });
});

describe('a database that takes no writes', () => {
  it('is a plain problem for who writes, and answers who reads', async () => {
    const pool = createPool(running.databaseUrl, { max: 1 });
    const { rows } = await pool.query<{ name: string }>('select quote_ident(current_database()) as name');
    const readOnly = async (value: 'on' | 'off') => {
      await pool.query(`alter database ${rows[0]!.name} set default_transaction_read_only = ${value}`);
      // Sessions that are there keep the setting that they began with.
      await pool.query(
        'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
      );
    };
    await readOnly('on');
    const write = () => running.send('POST', '/v1/statements', { ...PLAIN, location: { name: 'Nowhere' } });
    const until = async (isSo: (answer: Awaited<ReturnType<typeof write>>) => boolean) => {
      for (const end = Date.now() + 40_000; ;) {
        const answer = await write();
        if (isSo(answer)) return answer;
        if (Date.now() > end) throw new Error(answer.text);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    };
    const refused = await until(({ json }) => json.type === 'urn:claimline:problem:store-read-only');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '1']);
    expect((await running.get('/v1/locations')).status).toBe(200);
    await pool.query('set default_transaction_read_only = off');
    await readOnly('off');
    await until(({ status }) => status === 201);
    await pool.end();
  }, 90_000);
});
