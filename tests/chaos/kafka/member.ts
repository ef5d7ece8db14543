import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { startService, type Serving } from '../../support/service.js';

export type Part = 'api' | 'recorder' | 'relay' | 'projector';

/** A stop must be over by then, though the machine may be busy, in milliseconds. */
const STOP_LIMIT_MS = 20_000;

/** One process of the product, which may be killed and started again. */
export class Member {
  /** What it did that it should not have done. */
  readonly faults: string[] = [];
  private child: ChildProcess | undefined;
  private serving: Promise<Serving> | undefined;
  private expected: number | undefined;

  constructor(
    readonly name: string,
    readonly part: Part,
    private readonly env: NodeJS.ProcessEnv,
    readonly logFile: string,
  ) {}

  get runs(): boolean {
    const { child } = this;
    return child !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Where it serves, as soon as it does (again). */
  async url(): Promise<string> {
    return (await this.serving!).url;
  }

  /** Resolves when it is ready. @throws NotReady */
  async start(): Promise<void> {
    this.serving = startService(
      { env: this.env, logFile: this.logFile, onSpawn: (child) => (this.child = child), timeoutMs: 240_000 },
      [this.part],
    );
    const { pid, ended } = await this.serving;
    void ended.then(({ code, signal }) => {
      if (this.expected !== pid)
        this.faults.push(`${this.name} ended by itself, with ${code ?? signal}; see ${this.logFile}`);
    });
  }

  /** kill -9; resolves when it is gone. */
  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  /** SIGTERM: it must end by itself, with code 0. */
  async stop(): Promise<void> {
    const { child } = this;
    const begin = Date.now();
    if (
      (await Promise.race([
        this.end('SIGTERM').then(() => true),
        sleep(STOP_LIMIT_MS, false, { ref: false }),
      ])) !== true
    ) {
      this.faults.push(`${this.name} was told to stop and was still there after ${STOP_LIMIT_MS / 1000} s`);
      await this.kill();
    } else if (child?.exitCode !== 0)
      this.faults.push(
        `${this.name} was told to stop and ended with ${child?.exitCode ?? child?.signalCode} after ${Date.now() - begin} ms`,
      );
  }

  /** A number of its metrics; undefined where it does not answer. */
  async metric(name: string): Promise<number | undefined> {
    try {
      const response = await fetch(`${await this.url()}/metrics`, { signal: AbortSignal.timeout(5000) });
      const line = (await response.text()).split('\n').find((one) => one.startsWith(`${name} `));
      return line === undefined ? undefined : Number(line.slice(name.length));
    } catch {
      return undefined;
    }
  }

  /** When it last logged such a message, in milliseconds since 1970; undefined where it never did. */
  lastSaid(message: string): number | undefined {
    const line = readFileSync(this.logFile, 'utf8')
      .split('\n')
      .findLast((one) => one.includes(`"msg":"${message}"`));
    return line === undefined ? undefined : Date.parse((JSON.parse(line) as { time: string }).time);
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const { child } = this;
    if (!child || !this.runs) return;
    this.expected = child.pid;
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill(signal);
    await gone;
  }
}
