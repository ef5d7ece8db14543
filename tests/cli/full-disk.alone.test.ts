import { randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { PLAIN } from '../api/running.js';
import { postgresOf } from '../support/postgres-of.js';
import { isRunning } from '../support/processes.js';
import { runProgram } from '../support/program.js';
import { type Serving, startService } from '../support/service.js';
import { type SmallDisk, smallDisk, whyNoSmallDisk } from '../support/small-disk.js';

/** Room for an embedded PostgreSQL, and not for much more. */
const DISK_MB = 320;
const DEADLINE_MS = 60_000;
const why = whyNoSmallDisk();
if (why !== undefined) console.warn(`tests with a full disk are skipped: ${why}`);
const describeDisk = why === undefined ? describe : describe.skip;

describeDisk('a full disk', () => {
  let disk: SmallDisk;
  let serving: Serving;
  let logFile: string;
  const acknowledged: string[] = [];

  beforeAll(async () => {
    disk = smallDisk(DISK_MB);
    logFile = join(mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'full-disk-')), 'log');
    serving = await startService({ env: { DATA_DIR: disk.folder, PORT: '0' }, logFile });
    for (let n = 0; n < 20; n++) expect((await post()).status).toBe(201);
  }, 120_000);
  afterAll(async () => {
    disk.free();
    serving?.signal('SIGTERM');
    await serving?.ended;
    disk.remove();
  }, 60_000);

  async function post() {
    const statementId = randomUUID();
    const body = JSON.stringify({ ...PLAIN, statementId, location: { name: 'Full' } });
    const answer = await ask('/v1/statements', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    if (answer.status < 300) acknowledged.push(statementId);
    return { ...answer, statementId };
  }
  async function ask(path: string, init?: RequestInit) {
    const answer = await fetch(`${serving.url}${path}`, init);
    const text = await answer.text();
    return { status: answer.status, text };
  }
  async function until<T extends { status: number; text: string }>(
    look: () => Promise<T>,
    isSo: (answer: T) => boolean,
  ): Promise<T> {
    for (const end = Date.now() + DEADLINE_MS; ;) {
      const answer = await look();
      if (isSo(answer)) return answer;
      if (Date.now() > end) throw new Error(`still ${answer.status}: ${answer.text}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
  const claimline = (...args: string[]) =>
    runProgram(process.execPath, ['dist/apps/cli/src/main.js', ...args], { env: { DATA_DIR: disk.folder } });
  const isFull = ({ status, text }: { status: number; text: string }) =>
    status === 503 && text.includes('urn:claimline:problem:store-full');

  it('refuses writes with a plain reason, answers reads, and takes writes again when there is room', async () => {
    expect(await claimline('status')).toMatch(/room on the disk: 0\.\d\d GB of 0\.31 GB left in /);
    disk.fill();
    await until(post, isFull);
    const [statementId] = acknowledged;
    expect((await ask(`/v1/statements/${statementId}`)).status).toBe(200);
    expect((await ask('/v1/locations')).status).toBe(200);
    const notReady = await until(
      () => ask('/readyz'),
      ({ status }) => status === 503,
    );
    expect(notReady.text).toContain('is full: 0 MB are left');
    expect((await ask('/metrics')).text).toMatch(/^claimline_store_free_bytes \d+$/m);
    expect(await claimline('status')).toContain('it is full, nothing is recorded');

    // A file on it is written whole or not at all.
    await expect(claimline('export', 'log', '-o', join(disk.folder, 'log.ndjson'))).rejects.toThrow(
      /-o .*log\.ndjson cannot be written: ENOSPC/,
    );
    expect(readdirSync(disk.folder).filter((name) => name.includes('log.ndjson'))).toEqual([]);

    disk.free();
    await until(post, ({ status }) => status === 201);
    await until(
      () => ask('/readyz'),
      ({ status }) => status === 200,
    );
    const lines = readFileSync(logFile, 'utf8').split('\n');
    expect(lines.filter((line) => line.includes('"msg":"not ready"')).length).toBeLessThan(5);
  }, 180_000);

  it('outlives a PostgreSQL that died on it: the service waits, and goes on when there is room', async () => {
    disk.fill();
    process.kill(postgresOf(disk.folder)!.pid, 'SIGKILL');
    await until(post, isFull);
    // Longer than a server that dies for another reason is started again.
    const begin = Date.now();
    while (Date.now() - begin < 15_000) {
      expect(isRunning(serving.pid)).toBe(true);
      expect((await ask('/healthz')).status).toBe(200);
      expect((await post()).status).toBe(503);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
    expect(existsSync(join(disk.folder, 'ballast'))).toBe(true);
    disk.free();
    await until(post, ({ status }) => status === 201);
    await until(
      () => ask('/readyz'),
      ({ status }) => status === 200,
    );
  }, 180_000);

  it('has cost nothing that was acknowledged', async () => {
    expect(await claimline('verify')).toContain('all events verified');
    const client = new pg.Client({ connectionString: postgresOf(disk.folder)!.url });
    await client.connect();
    const { rows } = await client.query<{ n: number }>(
      'select count(*)::int as n from claimline.statement_ids where id = any($1)',
      [acknowledged],
    );
    await client.end();
    expect(rows[0]!.n).toBe(acknowledged.length);
  }, 60_000);
});
