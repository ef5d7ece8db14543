import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  closeSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type DataFolder, serverEnvironment } from './postgres-data.js';

/** The content of postmaster.pid of a running server. */
export interface PidFile {
  pid: number;
  /** 0 until it is known. */
  port: number;
}

/** Reads postmaster.pid; undefined when there is none. It may be stale: see `isServing`. */
export function readPidFile(folder: string): PidFile | undefined {
  try {
    const lines = readFileSync(join(folder, 'postmaster.pid'), 'utf8').split('\n');
    const pid = Number(lines[0]);
    return Number.isInteger(pid) && pid > 0 ? { pid, port: Number(lines[3]) || 0 } : undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * Whether process `pid` is alive and the server of this data folder. On Linux the command line identifies it, which, unlike
 * the working directory, root can read in a container too; elsewhere, and while it cannot be read, any live process with that
 * number counts, and a connection has to show the rest.
 */
export function isServing(folder: string, pid: number): boolean {
  if (process.platform !== 'linux') return isAlive(pid);
  const command = commandLine(pid);
  if (command === undefined) return isAlive(pid);
  return isPostgres(command) && command[command.indexOf('-D') + 1] === folder;
}

/** A Linux process that is gone has no command line: no such file, or the process ended while it was read. */
const GONE = ['ENOENT', 'ESRCH'];

/**
 * The arguments a Linux process was started with; none if it is gone, or a zombie; undefined where it cannot be looked at, as
 * where no file descriptor is left.
 */
function commandLine(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch (error) {
    return GONE.includes((error as NodeJS.ErrnoException).code ?? '') ? [] : undefined;
  }
}

/** @param command undefined where it cannot be looked at: then it is not taken for one */
function isPostgres(command: string[] | undefined): boolean {
  return basename(command?.[0] ?? '').startsWith('postgres');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Removes a postmaster.pid whose number now belongs to something that is no PostgreSQL at all (usual after the restart
 * of a container), because PostgreSQL would refuse to start. A file whose process is dead it replaces by itself.
 */
export function removeMisleadingPidFile(folder: string): void {
  const pid = readPidFile(folder)?.pid;
  if (pid === undefined || process.platform !== 'linux' || !isAlive(pid)) return;
  const command = commandLine(pid);
  if (command === undefined || isPostgres(command)) return;
  rmSync(join(folder, 'postmaster.pid'), { force: true });
}

/**
 * Ends the backends that outlived their killed server: they hold its memory, and a new server cannot start before
 * they are gone. They would end by themselves, but only after their present query.
 */
export function endLeftovers(folder: string): void {
  if (process.platform !== 'linux') return;
  for (const pid of readdirSync('/proc')
    .map(Number)
    .filter((entry) => Number.isInteger(entry) && entry !== process.pid)) {
    try {
      // Backends rename themselves, but stay in the folder.
      if (isPostgres(commandLine(pid)) && readlinkSync(`/proc/${pid}/cwd`) === folder)
        process.kill(pid, 'SIGQUIT');
    } catch {
      // Gone already, or not readable for us.
    }
  }
}

export interface ServerOptions {
  port: number;
  /** false: faster and not safe against power failures; for tests. */
  durable: boolean;
  /** true: the files of the data folder say whether it speaks TLS; for tests of TLS. */
  tls: boolean;
  sharedBuffersMb: number;
  maxConnections: number;
}

/** Starts the server as a process of its own, which outlives this one. Its messages go to `logFile`. */
export function spawnServer(data: DataFolder, options: ServerOptions, logFile: string): ChildProcess {
  const durable = options.durable ? 'on' : 'off';
  const settings = {
    port: options.port,
    listen_addresses: '127.0.0.1',
    // The path of a socket could be too long, and its folder closed to the server's user.
    unix_socket_directories: '',
    // Nobody comes from elsewhere, and the build's OpenSSL is old (docs/decisions/127-openssl-of-the-embedded-postgresql.md).
    ...(!options.tls && { ssl: 'off' }),
    fsync: durable,
    synchronous_commit: durable,
    full_page_writes: durable,
    shared_buffers: `${options.sharedBuffersMb}MB`,
    max_connections: options.maxConnections,
    max_wal_size: '2GB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_line_prefix: '%m [%p] %q%a ',
  };
  rotate(logFile);
  const log = openSync(logFile, 'a', 0o600);
  try {
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = spawn(data.binaries.postgres, ['-D', data.path, ...flags], {
      // Its own session, so that Ctrl-C on the terminal reaches Claimline only, which drains and then stops the server.
      detached: true,
      stdio: ['ignore', log, log],
      cwd: data.path,
      env: serverEnvironment(),
      ...(data.account && { uid: data.account.uid, gid: data.account.gid }),
    });
    child.on('error', () => {});
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

const LOG_LIMIT_BYTES = 20_000_000;

function rotate(logFile: string): void {
  if (logSize(logFile) > LOG_LIMIT_BYTES) renameSync(logFile, `${logFile}.old`);
}

export function logSize(logFile: string): number {
  return statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
}

/** What the server logged from byte `from` on, the last 2,000 characters of it, for error messages. */
export function logSince(logFile: string, from: number): string {
  const size = logSize(logFile);
  return size === 0
    ? ''
    : readFileSync(logFile)
        .subarray(from <= size ? from : 0)
        .toString('utf8')
        .trim()
        .slice(-2000);
}

/**
 * Shuts the server down and waits for its end: sessions are cut, a checkpoint is written (SIGINT); after
 * `timeoutMs` without waiting for that (SIGQUIT), which costs a recovery at the next start.
 */
export async function stopServer(data: DataFolder, pid: number, timeoutMs: number): Promise<void> {
  for (const [signal, limitMs] of [
    ['SIGINT', timeoutMs],
    ['SIGQUIT', 5000],
    ['SIGKILL', 5000],
  ] as const) {
    if (!isServing(data.path, pid)) return;
    await send(data, pid, signal);
    if (await waitForEnd(data.path, pid, limitMs)) return;
  }
  throw new Error(`PostgreSQL (pid ${pid}) does not stop`);
}

async function waitForEnd(folder: string, pid: number, timeoutMs: number): Promise<boolean> {
  const deadline = Date.now() + timeoutMs;
  while (Date.now() < deadline) {
    if (!isServing(folder, pid)) return true;
    await sleep(5);
  }
  return false;
}

async function send(data: DataFolder, pid: number, signal: 'SIGINT' | 'SIGQUIT' | 'SIGKILL'): Promise<void> {
  if (process.platform === 'win32' && signal !== 'SIGKILL') {
    // Windows has no such signals; the server listens for them on a pipe that pg_ctl knows.
    await promisify(execFile)(data.binaries.pgCtl, ['kill', signal.slice(3), String(pid)]);
    return;
  }
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
