import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { exposedFiles, readSettings } from '#libs/platform';
import { PLAIN } from '../api/running.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { childrenOf } from '../support/processes.js';

const MAIN = resolve('dist/apps/cli/src/main.js');
const DEADLINE_MS = 60_000;
/** Marks that occur nowhere else; with characters that URLs and JSON write in another way. */
const mark = (name: string) => `${name}-"\\&${randomBytes(12).toString('hex')}`;
const secrets = { database: mark('database'), sasl: mark('sasl'), wrong: mark('wrong') };
const ROLE = `secretive_${randomBytes(6).toString('hex')}`;

let folder: string;
let database: TestDatabase;
let admin: pg.Client;
let service: ChildProcess;
let url: string;
/** All that was said, answered and shown. */
const seen: string[] = [];
let output = '';

const withPassword = (password: string) => {
  const target = new URL(database.url);
  target.username = ROLE;
  target.password = encodeURIComponent(password);
  return target.href;
};

beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'secrets-'));
  database = await freshDatabase();
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  await admin.query(`create role ${ROLE} login superuser password ${admin.escapeLiteral(secrets.database)}`);
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  service = start(['start'], {
    DATABASE_URL: withPassword(secrets.database),
    PORT: String(port),
    LOG_LEVEL: 'trace',
    PROJECTOR_PROCESS: 'true',
    KAFKA_BROKERS: '127.0.0.1:9',
    KAFKA_SASL_MECHANISM: 'plain',
    KAFKA_SASL_USERNAME: 'worker',
    KAFKA_SASL_PASSWORD: secrets.sasl,
  });
  for (const end = Date.now() + DEADLINE_MS; !(await fetch(`${url}/healthz`).catch(() => undefined))?.ok;) {
    if (Date.now() > end) throw new Error(output);
    await new Promise((done) => setTimeout(done, 100));
  }
}, 90_000);
afterAll(async () => {
  service?.kill('SIGTERM');
  if (service?.exitCode === null) await once(service, 'exit');
  await admin.query(`drop owned by ${ROLE} cascade`).catch(() => {});
  await admin.end();
  await database.drop();
});

function start(args: string[], env: NodeJS.ProcessEnv): ChildProcess {
  const child = spawn(process.execPath, [MAIN, ...args], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
  });
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += String(chunk)));
  return child;
}

async function ask(path: string, init?: RequestInit): Promise<void> {
  const answer = await fetch(`${url}${path}`, init);
  seen.push(await answer.text(), JSON.stringify([...answer.headers]));
}

/** The command lines of a process and of those that it has started. */
function commandLines(pid: number): string[] {
  const own = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  return [own, ...childrenOf(pid).flatMap(commandLines)];
}

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

describe('secrets', () => {
  it('are in no log line, answer, error or command line, whatever goes wrong', async () => {
    const statement = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(PLAIN),
    };
    await ask('/v1/statements', statement);
    await ask('/v1/statements', { ...statement, body: '{"' });
    for (const path of [
      '/readyz',
      '/metrics',
      '/v1/locations?after=0:99',
      '/v1/events',
      '/nowhere',
      '/openapi.json',
    ])
      await ask(path);
    // Every session is cut, and none can be opened any more: queries, streams and background work fail.
    await admin.query(`alter role ${ROLE} password ${admin.escapeLiteral('another')}`);
    await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [ROLE]);
    for (const path of ['/readyz', '/v1/locations', '/v1/events', '/metrics']) await ask(path);
    await ask('/v1/statements', statement);
    // Commands that cannot connect, or whose settings are wrong.
    for (const [args, env] of [
      [['status'], { DATABASE_URL: withPassword(secrets.wrong) }],
      [['verify'], { DATABASE_URL: withPassword(secrets.wrong).replace(/:\d+\//, ':1/') }],
      [['status'], { DATABASE_URL: `mysql://u:${encodeURIComponent(secrets.wrong)}@h/d` }],
      [['start'], { KAFKA_SASL_PASSWORD: secrets.wrong, PORT: 'none' }],
    ] as const)
      await once(start([...args], env), 'exit');
    if (process.platform === 'linux') seen.push(...commandLines(service.pid!));
    seen.push(output);
    expect(output).toContain('"level":40');
    expect(output).toContain('password authentication failed');
    const everything = seen.join('\n');
    for (const secret of Object.values(secrets))
      for (const form of [
        secret,
        encodeURIComponent(secret),
        JSON.stringify(secret).slice(1, -1),
        secret.slice(-24),
      ])
        expect(everything.includes(form)).toBe(false);
  }, 120_000);
});

const itOnUnix = process.platform === 'win32' ? it.skip : it;

describe('files with secrets that others can read', () => {
  const settings = (env: NodeJS.ProcessEnv) => readSettings({ DATABASE_URL: 'postgres://u@h/d', ...env });

  itOnUnix('are named by a warning, and not once they are closed', () => {
    const place = mkdtempSync(join(folder, 'exposed-'));
    const key = join(place, 'key.pem');
    writeFileSync(key, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const dataDir = join(place, 'data');
    mkdirSync(dataDir);
    writeFileSync(join(dataDir, 'postgres-password'), 'x');
    writeFileSync(join(place, '.env'), 'KAFKA_SASL_PASSWORD=x\n');
    const ssl = { KAFKA_BROKERS: 'h:1', KAFKA_SSL: 'true', KAFKA_SSL_CERT: key, KAFKA_SSL_KEY: key };
    const all = [settings({ CHECKPOINT_KEY_FILE: key, ...ssl }), readSettings({ DATA_DIR: dataDir })];
    const warnings = () => all.flatMap((one) => exposedFiles(one, place));
    chmodSync(key, 0o644);
    chmodSync(join(place, '.env'), 0o644);
    chmodSync(dataDir, 0o777);
    chmodSync(join(dataDir, 'postgres-password'), 0o640);
    expect(warnings()).toEqual([
      `CHECKPOINT_KEY_FILE: other users of this machine can read ${key}; chmod 600 ${key}`,
      `KAFKA_SSL_KEY: other users of this machine can read ${key}; chmod 600 ${key}`,
      expect.stringMatching(/^\.env: other users of this machine can read/),
      expect.stringMatching(/^\.env: /),
      expect.stringMatching(/^DATA_DIR: other users of this machine can replace what is in/),
      expect.stringMatching(/^DATA_DIR: other users of this machine can read .*postgres-password/),
    ]);
    for (const file of [key, join(place, '.env'), join(dataDir, 'postgres-password')]) chmodSync(file, 0o600);
    chmodSync(dataDir, 0o755);
    expect(warnings()).toEqual([]);
    writeFileSync(join(place, '.env'), 'PORT=3000\n');
    chmodSync(join(place, '.env'), 0o644);
    expect(warnings()).toEqual([]);
  });
});
