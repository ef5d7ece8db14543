import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import pg from 'pg';
import { PLAIN } from '../api/running.js';
import { postgresOf } from './postgres-of.js';
import { isRunning } from './processes.js';
import { runProgram } from './program.js';
import { startService, type Serving } from './service.js';

const DEADLINE_MS = 60_000;
/** Longer than a server that dies for another reason is started again. */
const SIEGE_MS = 15_000;

export interface Answer {
  status: number;
  text: string;
}

/** A service on a store whose disk is about to fail, and what it has acknowledged. */
export class FaultyDiskStore {
  readonly acknowledged: string[] = [];
  private readonly logFile = join(mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'disk-')), 'log');
  private serving: Serving | undefined;

  constructor(readonly dataDir: string) {}

  async start(): Promise<void> {
    this.serving = await startService({ env: { DATA_DIR: this.dataDir, PORT: '0' }, logFile: this.logFile });
  }

  /** SIGTERM, and waits for the end. */
  async stop(): Promise<void> {
    this.serving?.signal('SIGTERM');
    await this.serving?.ended;
  }

  get pid(): number {
    return this.serving!.pid;
  }

  logged(): string {
    return readFileSync(this.logFile, 'utf8');
  }

  /** What its PostgreSQL has logged. */
  said(): string {
    return readFileSync(join(this.dataDir, 'postgres.log'), 'utf8');
  }

  readonly ask = async (path: string, init?: RequestInit): Promise<Answer> => {
    const answer = await fetch(`${this.serving!.url}${path}`, init);
    return { status: answer.status, text: await answer.text() };
  };

  /** Sends a statement of its own. */
  readonly post = async (): Promise<Answer> => {
    const statementId = randomUUID();
    const body = JSON.stringify({ ...PLAIN, statementId, location: { name: 'Full' } });
    const headers = { 'content-type': 'application/json' };
    const answer = await this.ask('/v1/statements', { method: 'POST', headers, body });
    if (answer.status < 300) this.acknowledged.push(statementId);
    return answer;
  };

  /** The first answer of that kind. */
  async until(look: () => Promise<Answer>, isSo: (answer: Answer) => boolean): Promise<Answer> {
    for (const end = Date.now() + DEADLINE_MS; ;) {
      const answer = await look();
      if (isSo(answer)) return answer;
      if (Date.now() > end) throw new Error(`still ${answer.status}: ${answer.text}`);
      await sleep(100);
    }
  }

  /** Something that is read. */
  readonly read = (): Promise<Answer> => this.ask('/v1/locations');

  /** Looks for a while that the service stays, refuses writes, and answers reads or refuses them. */
  async withstand(): Promise<void> {
    for (const end = Date.now() + SIEGE_MS; Date.now() < end; await sleep(500)) {
      expect(isRunning(this.pid)).toBe(true);
      expect((await this.ask('/healthz')).status).toBe(200);
      expect((await this.post()).status).toBe(503);
      expect([200, 503]).toContain((await this.read()).status);
    }
  }

  /** Waits until it takes writes, and is ready. */
  async untilWell(): Promise<void> {
    await this.until(this.post, ({ status }) => status === 201);
    await this.until(
      () => this.ask('/readyz'),
      ({ status }) => status === 200,
    );
  }

  claimline(...args: string[]): Promise<string> {
    return runProgram(process.execPath, ['dist/apps/cli/src/main.js', ...args], {
      env: { DATA_DIR: this.dataDir },
    });
  }

  /** Runs something on its PostgreSQL. */
  async query<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
    const client = new pg.Client({ connectionString: postgresOf(this.dataDir)!.url });
    client.on('error', () => {});
    try {
      await client.connect();
      return (await client.query<T>(sql, values)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }

  /** What was acknowledged and is not in the log. */
  async lost(): Promise<string[]> {
    const rows = await this.query<{ id: string }>(
      'select id::text from claimline.statement_ids where id = any($1)',
      [this.acknowledged],
    );
    const there = new Set(rows.map(({ id }) => id));
    return this.acknowledged.filter((id) => !there.has(id));
  }
}

/** Whether a write was refused for that fault of the disk. */
export const refusedAs =
  (code: string) =>
  ({ status, text }: Answer): boolean =>
    status === 503 && text.includes(`urn:claimline:problem:${code}`);
