import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { postgresOf } from '../support/postgres-of.js';
import { childrenOf } from '../support/processes.js';
import { startService, type Serving } from '../support/service.js';
import type { Random } from '../support/random.js';

export const FAULTS = [
  'service',
  'projector',
  'postgres',
  'backend',
  'both',
  'starting',
  'shutdown',
] as const;
/** What is done to the service: which of its processes is killed with -9, and when; `shutdown` is SIGTERM. */
export type Fault = (typeof FAULTS)[number];

/** A stop must be over by then, though the machine may be busy, in milliseconds. */
const STOP_LIMIT_MS = 15_000;
/** The service gives PostgreSQL up that dies more often within a minute. */
const POSTGRES_DEATHS_A_MINUTE = 5;

/** The service, its PostgreSQL, and what becomes of them. */
export class TargetService {
  readonly faults: string[] = [];
  private child: ChildProcess | undefined;
  private serving: Promise<Serving> | undefined;
  private postgresDeaths: number[] = [];
  private expected = new Set<number>();
  private closing = false;

  constructor(
    readonly dataDir: string,
    private readonly logFile: string,
    private readonly env: NodeJS.ProcessEnv,
  ) {}

  /** Where it serves, as soon as it does (again). */
  async url(): Promise<string> {
    return (await this.serving!).url;
  }

  /** The URL of its PostgreSQL, as soon as it is there. */
  async databaseUrl(): Promise<string> {
    for (;;) {
      const found = postgresOf(this.dataDir);
      if (found) return found.url;
      await sleep(20);
    }
  }

  /** Its processes and those of its PostgreSQL that run now. */
  async processes(): Promise<number[]> {
    const { pid } = await this.serving!;
    const postgres = postgresOf(this.dataDir);
    const all = [pid, ...(postgres ? [postgres.pid] : [])];
    return [...all, ...all.flatMap(childrenOf)];
  }

  async start(): Promise<void> {
    this.serving = this.startUp();
    await this.serving;
  }

  async strike(blow: Fault, random: Random): Promise<Fault> {
    const wait = (most: number) => sleep(random.int(0, most));
    const projector = blow === 'projector' ? this.projector() : undefined;
    if (blow === 'projector' && projector === undefined) blow = 'service';
    if ((blow === 'postgres' || blow === 'both') && !this.mayKillPostgres()) blow = 'service';
    switch (blow) {
      case 'service':
        await this.kill();
        await wait(300);
        break;
      case 'projector':
        // The service ends with it, for whoever supervises it to start it again.
        await this.end('has lost its projector', 1, () => signal(projector!));
        break;
      case 'postgres':
        // The service has to bring it back by itself.
        this.killPostgres();
        return blow;
      case 'backend':
        this.killBackend(random);
        return blow;
      case 'both':
        if (random.chance(0.5)) {
          await this.kill();
          await wait(200);
          this.killPostgres();
        } else {
          this.killPostgres();
          await this.kill();
        }
        break;
      case 'starting':
        await this.kill();
        this.serving = this.startUp().catch(() => this.serving!);
        await wait(900);
        await this.kill();
        break;
      case 'shutdown':
        await this.stop();
        break;
    }
    await this.start();
    return blow;
  }

  /** SIGTERM: it must end by itself, with code 0. */
  async stop(): Promise<void> {
    const { child } = this;
    await this.end('was told to stop', 0, () => child!.kill('SIGTERM'));
  }

  /** It must end by itself, soon, with a code. */
  private async end(what: string, code: number, cause: () => void): Promise<void> {
    const serving = await this.serving!;
    this.expected.add(serving.pid);
    const begin = Date.now();
    cause();
    const result = await Promise.race([serving.ended, sleep(STOP_LIMIT_MS, undefined, { ref: false })]);
    if (!result) this.faults.push(`the service ${what} and was still there after ${STOP_LIMIT_MS / 1000} s`);
    else if (result.code !== code)
      this.faults.push(
        `the service ${what} and ended with ${result.code ?? result.signal} after ${Date.now() - begin} ms`,
      );
    if (!result) await this.kill();
  }

  /** Ends all that still runs. */
  async close(): Promise<void> {
    this.closing = true;
    const { child } = this;
    if (child?.exitCode === null && child.signalCode === null) await this.kill();
    const postgres = postgresOf(this.dataDir);
    if (!postgres) return;
    try {
      process.kill(postgres.pid, 'SIGINT');
      for (let waited = 0; waited < 10_000; waited += 20) {
        process.kill(postgres.pid, 0);
        await sleep(20);
      }
    } catch {
      // Gone.
    }
  }

  private async startUp(): Promise<Serving> {
    const serving = await startService({
      env: { ...this.env, DATA_DIR: this.dataDir, PORT: '0' },
      logFile: this.logFile,
      onSpawn: (child) => (this.child = child),
    });
    void serving.ended.then(({ code, signal }) => {
      if (!this.closing && !this.expected.has(serving.pid))
        this.faults.push(`the service ended by itself, with ${code ?? signal}; see ${this.logFile}`);
    });
    return serving;
  }

  private async kill(): Promise<void> {
    const child = this.child!;
    this.expected.add(child.pid!);
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await gone;
  }

  private mayKillPostgres(): boolean {
    const now = Date.now();
    this.postgresDeaths = this.postgresDeaths.filter((at) => at > now - 60_000);
    return this.postgresDeaths.length < POSTGRES_DEATHS_A_MINUTE;
  }

  private killPostgres(): void {
    const postgres = postgresOf(this.dataDir);
    if (!postgres) return;
    this.postgresDeaths.push(Date.now());
    signal(postgres.pid);
  }

  /** The process that projects; undefined where there is none, as on a machine with one core. */
  private projector(): number | undefined {
    return childrenOf(this.child!.pid!).find((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/projector/src/forked.js');
      } catch {
        return false;
      }
    });
  }

  /** One of PostgreSQL's own processes: it then ends all sessions and recovers. */
  private killBackend(random: Random): void {
    const postgres = postgresOf(this.dataDir);
    if (!postgres) return;
    const backends = childrenOf(postgres.pid);
    if (backends.length > 0) signal(random.pick(backends));
  }
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}
