import { existsSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { TcpProxy } from '../support/kafka/tcp-proxy.js';
import type { Random } from '../support/random.js';
import { type SmallDisk, smallDisk, whyNoSmallDisk } from '../support/small-disk.js';
import type { TargetService } from './target-service.js';

/**
 * What goes wrong around the service: `disk` is full for a while; the `clock` of its processes steps; `dates` are written in
 * another way, because somebody has changed the role; processes `stop` (SIGSTOP) and continue; connections are cut (`cuts`);
 * the store went back, so that it has another `epoch`.
 */
export const WORLD_FAULTS = ['disk', 'clock', 'dates', 'stop', 'cuts', 'epoch'] as const;
export type WorldFault = (typeof WORLD_FAULTS)[number];

/** For data, WAL and some hundred thousand events; in memory as far as it is used. */
const DISK_MB = 900;

/** What sets how a server writes values as text, with what else may be set; and back. */
const MANNERS = [
  "set datestyle = 'SQL, MDY'",
  "set datestyle = 'German, DMY'",
  "set intervalstyle = 'sql_standard'",
  "set timezone = 'Asia/Kolkata'",
  'set extra_float_digits = 0',
  "set bytea_output = 'escape'",
];

const END_SESSIONS = `
  select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()`;

/** The library that gives a process another clock (Debian and Ubuntu: libfaketime). */
function libfaketime(): string | undefined {
  for (const folder of ['/usr/lib', '/usr/lib64'])
    for (const name of existsSync(folder) ? ['', ...readdirSync(folder)] : []) {
      const file = join(folder, name, 'faketime', 'libfaketime.so.1');
      if (existsSync(file)) return file;
    }
  return undefined;
}

/** Why a fault cannot be tried here; undefined where it can. */
export function whyNot(fault: WorldFault): string | undefined {
  switch (fault) {
    case 'disk':
      return whyNoSmallDisk();
    case 'clock':
      return libfaketime()
        ? undefined
        : 'there is no libfaketime (Debian and Ubuntu: apt-get install libfaketime)';
    case 'epoch':
      return 'what is acknowledged may be lost with it, so it is tried alone: --faults epoch';
    case 'stop':
      return process.platform === 'linux' ? undefined : 'the processes are found on Linux only';
    case 'dates':
    case 'cuts':
      return undefined;
  }
}

/** The world that a service lives in: what it has to be started with, and what befalls it. Each fault ends by itself. */
export class World {
  private proxy: Promise<TcpProxy> | undefined;

  private constructor(
    /** Where the service keeps its data. */
    readonly dataDir: string,
    /** What its processes are started with. */
    readonly env: NodeJS.ProcessEnv,
    private readonly faults: readonly string[],
    private readonly clockFile: string,
    private readonly disk: SmallDisk | undefined,
  ) {}

  /** @throws Error where a fault cannot be tried here */
  static make(folder: string, faults: readonly string[]): World {
    for (const fault of WORLD_FAULTS.filter((one) => faults.includes(one))) {
      const reason = whyNot(fault);
      if (reason !== undefined) throw new Error(reason);
    }
    const clockFile = join(folder, 'clock');
    const disk = faults.includes('disk') ? smallDisk(DISK_MB) : undefined;
    const env = faults.includes('clock') ? stepping(clockFile) : {};
    return new World(disk?.folder ?? folder, env, faults, clockFile, disk);
  }

  /** Where clients reach a service: through a network that may fail, if it is to. */
  async pathTo(url: string): Promise<string> {
    if (!this.faults.includes('cuts')) return url;
    const port = Number(new URL(url).port);
    const proxy = await (this.proxy ??= TcpProxy.open(port));
    proxy.target = port;
    return `http://127.0.0.1:${proxy.port}`;
  }

  async strike(fault: WorldFault, victim: TargetService, random: Random): Promise<void> {
    const ms = random.int(100, 2500);
    switch (fault) {
      case 'disk':
        return fillDisk(this.disk!, ms);
      case 'clock':
        return this.stepClock(random, ms);
      case 'dates':
        return changeManners(await victim.databaseUrl(), random, ms);
      case 'stop':
        return stopProcess(random.pick(await victim.processes()), ms);
      case 'cuts':
        return this.cut(await victim.databaseUrl(), random, ms);
      case 'epoch':
        throw new Error(whyNot(fault));
    }
  }

  async close(): Promise<void> {
    await (await this.proxy)?.close();
    this.disk?.remove();
  }

  private async stepClock(random: Random, ms: number): Promise<void> {
    const seconds = random.int(1, 3600) * (random.chance(0.5) ? 1 : -1);
    setClock(this.clockFile, seconds);
    await sleep(ms);
    setClock(this.clockFile, 0);
  }

  private async cut(databaseUrl: string, random: Random, ms: number): Promise<void> {
    const proxy = await this.proxy;
    const which = random.int(0, 2);
    if (which === 0 || !proxy)
      return asAdmin(databaseUrl, async (admin) => {
        await admin.query(END_SESSIONS);
      });
    if (which === 1) await proxy.cut();
    else proxy.stall();
    await sleep(ms);
    await proxy.mend();
  }
}

async function fillDisk(disk: SmallDisk, ms: number): Promise<void> {
  disk.fill();
  await sleep(ms);
  disk.free();
}

/** @param seconds ahead of the true time, or, below 0, behind */
function setClock(file: string, seconds: number): void {
  // At once: half a file would be read by a process.
  writeFileSync(`${file}.new`, `${seconds < 0 ? '' : '+'}${seconds}\n`);
  renameSync(`${file}.new`, file);
}

/**
 * Time of day steps as the file says; timers, which go by another clock, do not. That of PostgreSQL stays, because the service
 * starts it with an environment of its own: so the two differ, as on two machines.
 */
function stepping(clockFile: string): NodeJS.ProcessEnv {
  setClock(clockFile, 0);
  return {
    LD_PRELOAD: libfaketime(),
    FAKETIME_TIMESTAMP_FILE: clockFile,
    FAKETIME_CACHE_DURATION: '1',
    DONT_FAKE_MONOTONIC: '1',
  };
}

/** Somebody changes the role while the service works: new sessions have it, old ones are closed. */
async function changeManners(databaseUrl: string, random: Random, ms: number): Promise<void> {
  const chosen = MANNERS.filter(() => random.chance(0.5));
  await asAdmin(databaseUrl, async (admin) => {
    for (const manner of chosen) await admin.query(`alter role current_user ${manner}`);
    await admin.query(END_SESSIONS);
  });
  await sleep(ms);
  await asAdmin(databaseUrl, async (admin) => {
    await admin.query('alter role current_user reset all');
  });
}

async function stopProcess(pid: number, ms: number): Promise<void> {
  if (!signal(pid, 'SIGSTOP')) return;
  try {
    await sleep(ms);
  } finally {
    signal(pid, 'SIGCONT');
  }
}

/** @returns whether it was there */
function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** As somebody else on the server, until it lets one in: it may be starting again. */
async function asAdmin(databaseUrl: string, work: (admin: pg.Client) => Promise<void>): Promise<void> {
  for (const deadline = Date.now() + 30_000; ; await sleep(100)) {
    const admin = new pg.Client({ connectionString: databaseUrl });
    admin.on('error', () => {});
    try {
      await admin.connect();
      return await work(admin);
    } catch (error) {
      if (Date.now() > deadline) throw error;
    } finally {
      await admin.end().catch(() => {});
    }
  }
}
