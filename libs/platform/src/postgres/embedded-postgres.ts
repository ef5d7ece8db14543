import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { realpathSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { backoffMs, pause } from '#libs/concurrency';
import type { Logger } from '../logs.js';
import { type DataFolder, prepareDataFolder, readPassword, SUPERUSER } from './postgres-data.js';
import {
  endLeftovers,
  isServing,
  logSince,
  logSize,
  readPidFile,
  removeMisleadingPidFile,
  spawnServer,
  stopServer,
} from './postgres-process.js';
import { type Probe, probeServer } from './postgres-probe.js';
import { diskFault, diskReason, DISKS, noteWaiting } from './storage-fault.js';

export interface EmbeddedPostgresOptions {
  /** Folder that holds postgres/ (the data), postgres-password and postgres.log. The caller must hold its lock. */
  dataDir: string;
  log?: Logger | undefined;
  /** false trades safety against power failures for speed; for tests. */
  durable?: boolean;
  /** As in ServerOptions (default false). */
  tls?: boolean;
  /** The server's cache (default: `cacheMb` of the machine). */
  sharedBuffersMb?: number;
  maxConnections?: number;
}

/** A running PostgreSQL of our own, restarted when it dies; while its disk takes no writes it waits, however long. */
export interface EmbeddedPostgres {
  /** Of a database `claimline`, as a superuser; it stays the same over restarts. */
  readonly url: string;
  /** The real path of its data. */
  readonly folder: string;
  readonly port: number;
  /** Of the server's main process; another one after a restart. */
  readonly pid: number;
  /** Whether it was found running, left behind by a Claimline that was killed. */
  readonly adopted: boolean;
  /** Calls back once if the server has died and cannot be restarted. */
  onExit(listener: (error: Error) => void): void;
  /** Shuts down (SIGINT), after `timeoutMs` (default 30,000) by force; resolves when the process has ended. */
  stop(timeoutMs?: number): Promise<void>;
  /** Leaves it running as a process of its own. */
  leave(): void;
}

/**
 * Starts the PostgreSQL from node_modules on `dataDir`, making the database at the first start; one that a killed
 * Claimline has left running is adopted. Resolves when it accepts connections.
 * @throws Error with the server's own words when it cannot start.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const server = new Server(await prepareDataFolder(options.dataDir, options.log), options);
  await server.start();
  return server;
}

/** The URL of a server that another process has started on `dataDir`, if it works (it may be full) and the password is readable. */
export async function findRunningServer(dataDir: string): Promise<string | undefined> {
  try {
    const folder = realpathSync(join(dataDir, 'postgres'));
    const found = readPidFile(folder);
    if (found === undefined || !isServing(folder, found.pid)) return undefined;
    const url = urlOf(readPassword(dataDir), found.port);
    return works(await probeServer(url)) ? url : undefined;
  } catch {
    return undefined;
  }
}

const [LEAST_CACHE_MB, MOST_CACHE_MB] = [128, 2048];

/** The cache of a server in MB, of the bytes of memory that this process may use: a quarter, 128 MB at least, 2 GB at most. */
export function cacheMb(memory = Math.min(totalmem(), process.constrainedMemory() || Infinity)): number {
  return Math.min(MOST_CACHE_MB, Math.max(LEAST_CACHE_MB, Math.floor(memory / 2 ** 22)));
}

function urlOf(password: string, port: number): string {
  return `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${SUPERUSER}`;
}

const START_ATTEMPTS = 8;
const MAX_START_BACKOFF_MS = 2000;
const RESTARTS_A_MINUTE = 6;
const WATCH_EVERY_MS = 250;
const MAX_UNRESPONSIVE_MS = 60_000;
/** Ends by itself shortly: backends of a killed server, a server shutting down, a port taken in between. */
const PASSING =
  /shared memory|lock file .* already exists|could not bind|could not create any TCP\/IP sockets/;

/** Where a server is full, who needs a connection waits for one. */
const works = (probe: Probe): boolean => probe === 'ready' || probe === 'full';

const isOutOfFiles = (error: unknown): boolean =>
  ['EMFILE', 'ENFILE'].includes((error as NodeJS.ErrnoException).code ?? '');

class Server implements EmbeddedPostgres {
  port = 0;
  pid = 0;
  adopted = false;
  private readonly ending = new AbortController();
  private watching: NodeJS.Timeout | undefined;
  private recovering: Promise<void> | undefined;
  private restarts: number[] = [];
  private lost: Error | undefined;
  private readonly listeners: ((error: Error) => void)[] = [];
  private readonly logFile: string;

  constructor(
    private readonly data: DataFolder,
    private readonly options: EmbeddedPostgresOptions,
  ) {
    this.logFile = join(options.dataDir, 'postgres.log');
  }

  get url(): string {
    return urlOf(this.data.password, this.port);
  }

  get folder(): string {
    return this.data.path;
  }

  async start(): Promise<void> {
    this.adopted = await this.adopt();
    if (!this.adopted)
      await this.launch((reason) => PASSING.test(reason)).catch(async (error: Error) => {
        const reason = await diskReason(this.data.path, error.message);
        throw reason === undefined ? error : new Error(`PostgreSQL cannot start, because ${reason}`);
      });
    process.on('exit', this.stopOnExit);
    this.watch();
  }

  onExit(listener: (error: Error) => void): void {
    if (this.lost !== undefined) listener(this.lost);
    else this.listeners.push(listener);
  }

  async stop(timeoutMs = 30_000): Promise<void> {
    this.leave();
    await this.recovering;
    await stopServer(this.data, this.pid, timeoutMs);
  }

  leave(): void {
    this.ending.abort();
    clearInterval(this.watching);
    process.off('exit', this.stopOnExit);
  }

  private get stopping(): boolean {
    return this.ending.signal.aborted;
  }

  /** A process that ends without stop() should not leave the server behind; there is no time left to wait for it. */
  private readonly stopOnExit = () => {
    try {
      if (isServing(this.data.path, this.pid)) process.kill(this.pid, 'SIGINT');
    } catch {
      // Gone already.
    }
  };

  private async adopt(): Promise<boolean> {
    for (let found = readPidFile(this.data.path); found !== undefined; found = readPidFile(this.data.path)) {
      if (!isServing(this.data.path, found.pid)) return false;
      this.port = found.port;
      // It writes its port a moment after its pid. It may also be shutting down; then it has to be started again.
      if (found.port !== 0 && (await this.untilReady(found.pid)) === 'ready') {
        this.pid = found.pid;
        this.options.log?.info(
          { serverPid: found.pid },
          'a running PostgreSQL was left behind on this data folder; it is reused',
        );
        return true;
      }
      await pause(20);
    }
    return false;
  }

  /** Starts the server, and retries with growing pauses while the reason is one of `worthRetrying`. */
  private async launch(worthRetrying: (reason: string) => boolean | Promise<boolean>): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      let reason;
      try {
        reason = await this.attempt();
      } catch (error) {
        if (!isOutOfFiles(error) || this.pid === 0 || this.stopping) throw error;
        // It passes, however long it takes.
        this.options.log?.warn({ err: error }, 'PostgreSQL cannot be restarted yet: too many files are open');
        await pause(MAX_START_BACKOFF_MS);
        attempt--;
        continue;
      }
      if (reason === undefined) return;
      if (attempt === START_ATTEMPTS || !(await worthRetrying(reason)))
        throw new Error(`PostgreSQL cannot start:\n${reason}`);
      endLeftovers(this.data.path);
      await pause(backoffMs(attempt, MAX_START_BACKOFF_MS), this.ending.signal);
    }
  }

  /** Starts the server again; while its disk takes no writes it tries again and again. */
  private async relaunch(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const failure = await this.launch(
        async (reason) => !this.stopping && (await diskFault(this.data.path, reason)) === undefined,
      ).then(
        () => undefined,
        (error: Error) => error,
      );
      if (!failure) return noteWaiting(this.port, undefined);
      if (this.stopping || !(await this.waitForDisk(attempt, failure.message))) throw failure;
    }
  }

  /** Waits where the disk takes no writes. @returns false where that is not the reason */
  private async waitForDisk(attempt: number, said: string): Promise<boolean> {
    const fault = await diskFault(this.data.path, said);
    if (!fault) return false;
    if (attempt % LOGGED_WAITS === 1)
      this.options.log?.error(
        { folder: this.data.path, reason: fault },
        `PostgreSQL waits, because ${DISKS[fault]}`,
      );
    noteWaiting(this.port, fault);
    await pause(DISK_RETRY_MS, this.ending.signal);
    return true;
  }

  /** One try to start; the reason if it fails. A port once published is kept. */
  private async attempt(): Promise<string | undefined> {
    removeMisleadingPidFile(this.data.path);
    const keepPort = this.pid !== 0;
    if (!keepPort) this.port = await freePort();
    const logStart = logSize(this.logFile);
    const { durable = true, tls = false, sharedBuffersMb = cacheMb(), maxConnections = 100 } = this.options;
    const options = { port: this.port, durable, tls, sharedBuffersMb, maxConnections };
    let child: ChildProcess;
    try {
      child = spawnServer(this.data, options, this.logFile);
    } catch (error) {
      if (isOutOfFiles(error)) throw error;
      // Its log may be on a disk that is full or read-only.
      return (error as Error).message;
    }
    if (child.pid === undefined) {
      const [error] = (await once(child, 'error')) as [Error];
      throw Object.assign(new Error(`${this.data.binaries.postgres} cannot be run: ${error.message}`), {
        code: (error as NodeJS.ErrnoException).code,
      });
    }
    const outcome = await this.untilReady(child.pid, child).catch((error: unknown) => {
      child.kill('SIGQUIT');
      throw error;
    });
    if (outcome !== 'ready')
      return logSince(this.logFile, logStart) || `it ended without a message; see ${this.logFile}`;
    this.pid = child.pid;
    child.once('exit', () => this.checkAlive());
    return undefined;
  }

  private async untilReady(pid: number, child?: ChildProcess): Promise<'ready' | 'gone'> {
    const begin = Date.now();
    let lastAnswer = begin;
    let secondsShown = 0;
    for (;;) {
      if (child?.exitCode != null || child?.signalCode != null || !isServing(this.data.path, pid))
        return 'gone';
      const probe: Probe = await probeServer(this.url);
      if (works(probe)) return 'ready';
      if (this.stopping) {
        this.pid = pid;
        return 'gone';
      }
      if (probe !== 'deaf') lastAnswer = Date.now();
      // Recovery after a crash may take minutes, but ends; a port that does not listen stays so.
      if (Date.now() - lastAnswer >= MAX_UNRESPONSIVE_MS)
        throw new Error(`PostgreSQL (pid ${pid}) does not listen on port ${this.port}; see ${this.logFile}`);
      const seconds = Math.floor((Date.now() - begin) / 10_000) * 10;
      if (seconds > secondsShown)
        this.options.log?.info({ seconds }, 'waiting for PostgreSQL, which is starting up or recovering');
      secondsShown = seconds;
      await pause(10);
    }
  }

  private watch(): void {
    // An adopted server is not our child, so its end is not reported to us.
    this.watching = setInterval(() => this.checkAlive(), WATCH_EVERY_MS).unref();
  }

  private checkAlive(): void {
    if (
      this.stopping ||
      this.lost !== undefined ||
      this.recovering !== undefined ||
      isServing(this.data.path, this.pid)
    )
      return;
    this.recovering = this.recover().finally(() => (this.recovering = undefined));
  }

  private async recover(): Promise<void> {
    const now = Date.now();
    this.restarts = [...this.restarts.filter((at) => at > now - 60_000), now];
    this.options.log?.error({ serverPid: this.pid }, 'PostgreSQL has died; restarting it');
    try {
      if (this.restarts.length > RESTARTS_A_MINUTE && !(await this.waitForDisk(1, '')))
        throw new Error(
          `PostgreSQL has died ${this.restarts.length} times within a minute; see ${this.logFile}`,
        );
      await this.relaunch();
      this.options.log?.info({ serverPid: this.pid }, 'PostgreSQL is running again');
    } catch (error) {
      if (this.stopping) return;
      this.lost = error as Error;
      this.options.log?.fatal({ err: error }, 'PostgreSQL is lost');
      for (const listener of this.listeners) listener(this.lost);
    }
  }
}

const DISK_RETRY_MS = 2000;
/** Of so many attempts on a disk that takes no writes, one is logged. */
const LOGGED_WAITS = 30;

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}
