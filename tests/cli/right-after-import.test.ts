import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { EventStore, migrate } from '#libs/log';
import { RecordStatements } from '#libs/commands';
import { createPool } from '#libs/platform';
import { valueOf } from '../support/opened-store.js';
import { claimline } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { postgresOf } from '../support/postgres-of.js';
import { Random } from '../support/random.js';
import { War } from '../support/war.js';
import { commandsOn } from '../support/commands.js';

const MAIN = resolve('dist/apps/cli/src/main.js');
const STATEMENTS = 200;

const war = () => {
  const source = new War(new Random(5), { places: 30, unknown: 30 });
  return Array.from({ length: STATEMENTS }, () => source.statement());
};

/** A store that no service has ever run on. */
async function record(url: string): Promise<void> {
  await migrate(url);
  const pool = createPool(url);
  const store = await EventStore.open(pool, { shards: 16 });
  (await commandsOn(store).execute(new RecordStatements(war()))).forEach(valueOf);
  await pool.end();
}

const databases: TestDatabase[] = [];
async function recorded(): Promise<string> {
  const database = await freshDatabase(record, 'recorded, never projected');
  databases.push(database);
  return database.url;
}

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'right-after-'))));
afterAll(async () => void (await Promise.all(databases.map(({ drop }) => drop()))));

type Running = ChildProcessByStdio<null, Readable, Readable> & { err: () => string };

function started(env: NodeJS.ProcessEnv, ...args: string[]): Running {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', ...env },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let err = '';
  child.stderr.on('data', (chunk) => (err += String(chunk)));
  return Object.assign(child, { err: () => err });
}

async function ended(child: Running): Promise<{ code: number | null; out: string }> {
  const closed = once(child, 'close');
  const out = Buffer.concat((await child.stdout.toArray()) as Buffer[]).toString();
  return { code: ((await closed) as [number | null])[0], out };
}

describe('an export right after an import, which no service has seen', () => {
  const idle: NodeJS.ProcessEnv = {};
  beforeAll(
    () =>
      void Object.assign(idle, { DATABASE_URL: process.env.DATABASE_URL, LOG_LEVEL: process.env.LOG_LEVEL }),
  );
  afterAll(() => {
    for (const [name, value] of Object.entries(idle)) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  });

  it.each([
    ['statements', [], STATEMENTS],
    ['statements', ['--known-at', '2100-01-01'], STATEMENTS],
    ['statements', ['--party', 'ukraine'], undefined],
    ['statements', ['-f', 'csv'], STATEMENTS + 1],
    ['timeline', [], STATEMENTS],
    ['timeline', ['--known-at', '2100-01-01', '--stance', 'assert'], undefined],
    ['timeline', ['--flag', 'fighting', '-f', 'csv'], undefined],
    ['states', [], undefined],
    ['states', ['--as-of', '2030', '-f', 'geojson'], undefined],
    ['states', ['--known-at', '2100-01-01', '--status', 'contested,claimed'], undefined],
  ])(
    'has all: %s %j',
    async (what, filters, rows) => {
      const exporting = async (url: string) => {
        Object.assign(process.env, { DATABASE_URL: url, LOG_LEVEL: 'silent' });
        return claimline('export', what, ...filters);
      };
      const url = await recorded();
      const first = await exporting(url);
      // Where it takes long, it says how far it is.
      expect(first).toMatchObject({ code: 0, err: expect.stringMatching(/^(?:export: .*\n)*$/) });
      const lines = first.out.trimEnd().split('\n');
      expect(lines.length).toBeGreaterThan(2);
      if (rows !== undefined) expect(lines).toHaveLength(rows);
      expect((await claimline('status')).out).toContain('read models up to date');
    },
    60_000,
  );

  it('leaves read models as there should be, which the next export finds', async () => {
    Object.assign(process.env, { DATABASE_URL: await recorded(), LOG_LEVEL: 'silent' });
    const first = await claimline('export', 'states');
    expect(await claimline('verify', '--models')).toMatchObject({ code: 0 });
    expect(await claimline('export', 'states')).toEqual(first);
  }, 60_000);

  it('reports its progress, and Ctrl-C ends it', async () => {
    const url = await recorded();
    const pool = createPool(url, { applicationName: 'claimline project' });
    // A session that is named as a projector, and projects nothing.
    const session = await pool.connect();
    const child = started({ DATABASE_URL: url }, 'export', 'statements', '-o', 'cut.ndjson');
    while (!child.err().includes('project: ')) await once(child.stderr, 'data');
    child.kill('SIGINT');
    expect(await ended(child)).toEqual({ code: 130, out: '' });
    expect(child.err()).toMatch(
      new RegExp(
        `\nproject: 0 of ${STATEMENTS} events, 0/s\n.*cut\\.ndjson was not written\nstopped by SIGINT\n$`,
        's',
      ),
    );
    expect(existsSync(join(folder, 'cut.ndjson'))).toBe(false);
    session.release();
    await pool.end();
  }, 60_000);
});

describe('several commands at once on a data folder, without a service', () => {
  let env: NodeJS.ProcessEnv;
  const lines = (text: string) => text.trimEnd().split('\n').length;
  // An export that is not read stops: a pipe holds less than that.
  const LARGE = 4000;
  beforeAll(async () => {
    env = { DATA_DIR: join(folder, 'data') };
    const source = new War(new Random(6), { places: 200, unknown: 200 });
    writeFileSync(
      join(folder, 'war.ndjson'),
      Array.from({ length: LARGE }, () => `${JSON.stringify(source.statement())}\n`).join(''),
    );
    expect((await ended(started(env, 'import', 'war.ndjson'))).code).toBe(0);
  }, 60_000);

  it('do not break each other: the first that was recorded, the states and the status', async () => {
    const files = ['a', 'b', 'c'].map((name) => `${name}.ndjson`);
    const running = [
      ...files.map((file) => started(env, 'export', 'statements', '-o', file)),
      started(env, 'status', '--json'),
      started(env, 'verify'),
    ];
    const codes = (await Promise.all(running.map(ended))).map(({ code }) => code);
    expect({ codes, said: running.map(({ err }) => err()) }).toEqual({
      codes: [0, 0, 0, 0, 0],
      said: running.map(() => expect.any(String)),
    });
    const [a, ...others] = files.map((file) => readFileSync(join(folder, file), 'utf8'));
    expect(lines(a!)).toBe(LARGE);
    expect(others.every((text) => text === a)).toBe(true);
    expect(postgresOf(env.DATA_DIR!)).toBeUndefined();
  }, 120_000);

  it('continue where the one that started the database has ended, and the last one stops it', async () => {
    const first = started(env, 'export', 'statements');
    await once(first.stdout, 'readable');
    const second = started(env, 'export', 'statements', '-f', 'csv');
    await once(second.stdout, 'readable');
    const server = postgresOf(env.DATA_DIR!)!;
    const one = await ended(first);
    expect({ code: one.code, lines: lines(one.out) }).toEqual({ code: 0, lines: LARGE });
    expect(postgresOf(env.DATA_DIR!)).toEqual(server);
    // One more comes and goes meanwhile.
    expect((await ended(started(env, 'status'))).code).toBe(0);
    expect(postgresOf(env.DATA_DIR!)).toEqual(server);
    const two = await ended(second);
    expect({ code: two.code, said: second.err().replaceAll(/^export: .*\n/gm, '') }).toEqual({
      code: 0,
      said: '',
    });
    expect(two.out.split('\r\n')).toHaveLength(LARGE + 2);
    expect(postgresOf(env.DATA_DIR!)).toBeUndefined();
  }, 120_000);
});
