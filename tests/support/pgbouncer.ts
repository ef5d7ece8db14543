import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './kafka/ports.js';
import { describeWith, pathOfProgram } from './system-programs.js';

/** For tests with PgBouncer. */
export const describePgBouncer = describeWith({ pgbouncer: 'pgbouncer' });

/** The user of nobody: PgBouncer does not run as root. */
const NOBODY = 65_534;
const START_TIMEOUT_MS = 60_000;

export interface Pooler {
  /** The same database, through PgBouncer. */
  url: string;
  stop: () => Promise<void>;
}

/**
 * PgBouncer in front of a database.
 * @param options lines of its configuration
 */
export async function startPgBouncer(
  database: string,
  mode: 'session' | 'transaction' | 'statement',
  options: readonly string[] = [],
): Promise<Pooler> {
  const program = pathOfProgram('pgbouncer');
  if (program === undefined) throw new Error('PgBouncer is not installed');
  const url = new URL(database);
  const folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'pgbouncer-'));
  chmodSync(folder, 0o755);
  const port = await freePort();
  const log = join(folder, 'log');
  writeFileSync(log, '');
  chmodSync(log, 0o666);
  writeFileSync(
    join(folder, 'pgbouncer.ini'),
    [
      '[databases]',
      `* = host=${url.hostname} port=${url.port} user=${decodeURIComponent(url.username)} password='${decodeURIComponent(url.password)}'`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      `pool_mode = ${mode}`,
      'default_pool_size = 60',
      'max_client_conn = 500',
      `logfile = ${log}`,
      ...options,
      '',
    ].join('\n'),
  );
  const asRoot = process.getuid?.() === 0;
  const child = spawn(program, ['-q', join(folder, 'pgbouncer.ini')], {
    stdio: 'ignore',
    ...(asRoot && { uid: NOBODY, gid: NOBODY }),
  });
  const end = () => void child.kill('SIGKILL');
  process.once('exit', end);
  const ended = once(child, 'exit');
  for (const deadline = Date.now() + START_TIMEOUT_MS; !(await accepts(port));) {
    if (child.exitCode !== null || Date.now() > deadline)
      throw new Error(`PgBouncer does not start: ${readFileSync(log, 'utf8')}`);
    await sleep(50);
  }
  return {
    url: Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    stop: async () => {
      process.removeListener('exit', end);
      end();
      await ended;
    },
  };
}

const accepts = (port: number): Promise<boolean> =>
  new Promise((done) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('connect', () => socket.destroy());
  });
