import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { answers } from './answers.js';
import type { NodePlace } from './node-properties.js';
import { becomesFree } from './ports.js';

/** One node of a cluster: a JVM that may be killed and started again. */
export interface Broker {
  readonly id: number;
  /** For clients; it stays the same over restarts. */
  readonly port: number;
  /** The listener behind a proxy, where the cluster was given `cutPorts`. */
  readonly cutPort: number | undefined;
  /** undefined while it does not run. */
  readonly pid: number | undefined;
  readonly logFile: string;
  /** Resolves when it answers; throws with the end of its log when it ends before that. */
  start(): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** SIGTERM; resolves when the process has ended. After 15 s without an end it is killed. */
  stop(): Promise<void>;
}

/** What a JVM needs to be a broker. */
export interface Program {
  /** The folder of the jars. */
  jars: string;
  jvmFlags: readonly string[];
}

const START_TIMEOUT_MS = 90_000;
const STOP_TIMEOUT_MS = 15_000;

export class BrokerProcess implements Broker {
  readonly id: number;
  readonly port: number;
  readonly cutPort: number | undefined;
  readonly logFile: string;
  private child: ChildProcess | undefined;
  private readonly pidFile: string;
  private readonly propertiesFile: string;
  private readonly dataFolder: string;

  /**
   * @param folder with broker-<id>.properties in it, written by the caller
   * @param outlive whether the JVM lives on after this process
   */
  constructor(
    place: NodePlace,
    folder: string,
    private readonly program: Program,
    private readonly outlive = false,
  ) {
    this.id = place.id;
    this.port = place.port;
    this.cutPort = place.cut?.port;
    const base = join(folder, `broker-${place.id}`);
    this.logFile = `${base}.log`;
    this.pidFile = `${base}.pid`;
    this.propertiesFile = `${base}.properties`;
    this.dataFolder = base;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Makes the data folder of a new node; leaves alone one that is made. */
  async format(clusterId: string): Promise<void> {
    if (existsSync(join(this.dataFolder, 'meta.properties'))) return;
    const begin = this.logSize();
    const child = this.java(
      'kafka.tools.StorageTool',
      'format',
      '--cluster-id',
      clusterId,
      '--config',
      this.propertiesFile,
      '--ignore-formatted',
    );
    const [code] = (await once(child, 'exit')) as [number | null];
    if (code !== 0) throw new Error(`Kafka cannot format ${this.dataFolder}:\n${this.logSince(begin)}`);
  }

  /** @param nodes that it must know to be up before it counts as started, by their ids */
  async start(nodes: readonly number[] = [this.id]): Promise<void> {
    const begin = this.logSize();
    const child = this.child ?? (await this.launch());
    const deadline = Date.now() + START_TIMEOUT_MS;
    while (this.child === child && Date.now() < deadline) {
      if (await answers(this.port, nodes)) return;
      await sleep(25);
    }
    const what =
      this.child === child
        ? `does not answer within ${START_TIMEOUT_MS / 1000} s`
        : 'ended before it was ready';
    await this.kill();
    throw new Error(
      `Kafka (node ${this.id}) ${what}; its log ${this.logFile} ends with:\n${this.logSince(begin)}`,
    );
  }

  async kill(): Promise<void> {
    await this.end('SIGKILL');
  }

  async stop(timeoutMs = STOP_TIMEOUT_MS): Promise<void> {
    const giveUp = setTimeout(() => void this.kill(), timeoutMs);
    await this.end('SIGTERM');
    clearTimeout(giveUp);
  }

  private async launch(): Promise<ChildProcess> {
    // One that was killed a moment ago may still hold it.
    if (!(await becomesFree(this.port, 1000)))
      throw new Error(`port ${this.port} of 127.0.0.1 is taken by another program`);
    const child = this.java('kafka.Kafka', this.propertiesFile);
    // Whoever ends what we leave behind finds it by this file (end-brokers.mjs).
    writeFileSync(this.pidFile, `${child.pid}\n`);
    this.child = child;
    child.once('exit', () => {
      this.child = undefined;
      rmSync(this.pidFile, { force: true });
    });
    if (this.outlive) child.unref();
    return child;
  }

  private async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    if (child === undefined) return;
    child.ref();
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** In a process group of its own: a Ctrl-C in the terminal is for us, who stop it then. */
  private java(mainClass: string, ...args: string[]): ChildProcess {
    const log = openSync(this.logFile, 'a');
    const { jars, jvmFlags } = this.program;
    const child = spawn('java', [...jvmFlags, '-cp', join(jars, '*'), mainClass, ...args], {
      stdio: ['ignore', log, log],
      detached: true,
    });
    closeSync(log);
    child.on('error', () => {});
    if (child.pid === undefined) throw new Error('java cannot be run');
    return child;
  }

  private logSize(): number {
    return statSync(this.logFile, { throwIfNoEntry: false })?.size ?? 0;
  }

  private logSince(begin: number): string {
    return readFileSync(this.logFile).subarray(begin).toString('utf8').trim().slice(-3000);
  }
}
