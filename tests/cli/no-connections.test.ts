import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import {
  type DataFolderLock,
  type EmbeddedPostgres,
  lockDataFolder,
  startEmbeddedPostgres,
} from '#libs/platform';
import { type Serving, startService } from '../support/service.js';
import { PLAIN } from '../api/running.js';

// Others take all connections that the server has.

const CONNECTIONS = 20;
const PATIENCE_MS = 60_000;
const PATIENCE_OF_A_VERB_MS = 16_000;

/** Polls until something is so. */
async function until(what: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await what());) {
    if (Date.now() > end) throw new Error(`not within ${PATIENCE_MS / 1000} s: ${what.toString()}`);
    await sleep(100);
  }
}

/** As many connections as are to be had. */
class Others {
  private readonly clients: pg.Client[] = [];
  constructor(private readonly url: string) {}

  async takeAll(): Promise<void> {
    for (;;) {
      const client = new pg.Client({ connectionString: this.url });
      client.on('error', () => {});
      try {
        await client.connect();
      } catch (error) {
        if ((error as { code?: string }).code !== '53300') throw error;
        return;
      }
      this.clients.push(client);
    }
  }

  async leave(): Promise<void> {
    await Promise.all(this.clients.splice(0).map((client) => client.end()));
  }
}

describe('while others have all connections of the database', () => {
  let folder: string;
  let lock: DataFolderLock;
  let server: EmbeddedPostgres;
  let others: Others;
  let serving: Serving | undefined;
  let logFile: string;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'no-connections-'));
    // As root the server runs as another user, who has to get in.
    chmodSync(folder, 0o755);
    lock = await lockDataFolder(folder);
    server = await startEmbeddedPostgres({ dataDir: folder, durable: false, maxConnections: CONNECTIONS });
    others = new Others(server.url);
    logFile = join(folder, 'log');
    env = { DATABASE_URL: server.url, PORT: '0', LOG_LEVEL: 'info', PROJECTOR_PROCESS: 'false' };
  }, 60_000);
  afterAll(async () => {
    await others?.leave();
    serving?.signal('SIGKILL');
    await serving?.ended;
    await server?.stop();
    await lock?.release();
  });

  const logged = () => readFileSync(logFile, 'utf8');
  const ask = (path: string, init?: RequestInit) => fetch(`${serving!.url}${path}`, init);
  const post = () =>
    ask('/v1/statements', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(PLAIN),
    });
  const readiness = async () => {
    const answer = await ask('/readyz');
    return { status: answer.status, text: await answer.text() };
  };

  it('the service waits at its start, says so in its log, and starts when one is free', async () => {
    await others.takeAll();
    const starting = startService({ env, logFile, timeoutMs: 2 * PATIENCE_MS });
    starting.catch(() => {});
    await until(async () => {
      try {
        return logged().includes('the database has no connection free: waiting for one');
      } catch {
        return false;
      }
    });
    expect(logged()).not.toContain('is ready at');
    await others.leave();
    serving = await starting;
    expect((await post()).status).toBe(201);
    await until(async () => (await readiness()).status === 200);
  }, 180_000);

  it('a running service names the cause in /readyz, refuses for the moment only, and recovers by itself', async () => {
    const before = logged().length;
    // More at once than it has connections for: they wait for each other.
    const crowd = async () => {
      const answers = await Promise.all(Array.from({ length: 10 }, () => ask('/v1/locations')));
      return answers.map(({ status }) => status);
    };
    let statuses: number[] = [];
    // Connections that the service leaves idle are taken too, in the end.
    await until(async () => {
      await others.takeAll();
      statuses = await crowd();
      return (await readiness()).text.includes('database: the database has no connection free');
    });
    expect(await readiness()).toMatchObject({ status: 503 });
    expect(statuses.filter((status) => ![200, 503].includes(status))).toEqual([]);
    expect(logged().slice(before)).toContain('the database has no connection free: waiting for one');
    await others.leave();
    await until(async () => (await crowd()).every((status) => status === 200));
    await until(async () => (await readiness()).status === 200);
    await until(async () => logged().slice(before).includes('the database has connections free again'));
    expect((await post()).status).toBe(200);
    serving!.signal('SIGTERM');
    expect(await serving!.ended).toEqual({ code: 0, signal: null });
  }, 180_000);

  it.each<[verb: string, place: 'DATABASE_URL' | 'DATA_DIR', args: string[]]>([
    ['rebuild', 'DATABASE_URL', []],
    ['rebuild', 'DATA_DIR', []],
    ['import', 'DATABASE_URL', [resolve('examples/statements.ndjson')]],
    ['status', 'DATA_DIR', []],
  ])(
    '`%s` (%s) says once that it waits, and goes on when one is free',
    async (verb, place, args) => {
      await others.takeAll();
      const child = spawn(process.execPath, [resolve('dist/apps/cli/src/main.js'), verb, ...args], {
        stdio: ['ignore', 'ignore', 'pipe'],
        env: {
          PATH: process.env.PATH,
          LOG_LEVEL: 'silent',
          [place]: place === 'DATA_DIR' ? folder : server.url,
        },
      });
      const ended = once(child, 'exit');
      let said = '';
      child.stderr.on('data', (chunk) => (said += String(chunk)));
      const times = () => said.split('the database has no connection free').length - 1;
      await until(async () => times() > 0 || child.exitCode !== null);
      expect([child.exitCode, said]).toEqual([null, expect.stringMatching(/: waiting for one\n$/)]);
      // Longer than a verb waits for a database that is starting.
      await sleep(PATIENCE_OF_A_VERB_MS);
      expect([child.exitCode, times()]).toEqual([null, 1]);
      await others.leave();
      expect([await ended, said]).toEqual([[0, null], expect.any(String)]);
    },
    180_000,
  );
});
