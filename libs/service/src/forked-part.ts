import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { packagePath, type ReadMetrics, type Settings } from '#libs/platform';
import type { Part } from './parts.js';

/** The first message to the process of a part: the database that its parent has opened. */
export interface PartData {
  database: { url: string; embedded: boolean };
  settings: Settings;
}

/** What the parent asks, and what the process answers. */
export interface Answers {
  /** Why the part does not work. */
  problem: string | undefined;
  metrics: Awaited<ReturnType<ReadMetrics>>;
}

export type ToPart = PartData | { id: number; ask: keyof Answers } | 'stop';
export type FromPart = 'ready' | { failure: string } | { id: number; answer: Answers[keyof Answers] };

interface Asked {
  resolve: (answer: never) => void;
  reject: (why: Error) => void;
}

/** A process that does not stop is killed after this time: what it has not committed is done again. */
const STOP_TIMEOUT_MS = 10_000;
const ANSWER_TIMEOUT_MS = 3000;

/**
 * A part of the service in a process of its own (apps/<part>/src/forked.ts), which is forked at once, lives no longer than
 * this one, and uses its output and its options of Node.
 */
export class ForkedPart {
  /** Resolves when the part works; rejects where its process has ended. */
  readonly ready: Promise<void>;
  /** Resolves with the reason when the process has ended though nobody has asked it to. */
  readonly lost: Promise<Error>;
  private readonly child: ChildProcess;
  private readonly ended: Promise<Error>;
  private readonly asked = new Map<number, Asked>();
  private questions = 0;
  private failure: string | undefined;
  private begun = false;
  private stopping = false;

  constructor(readonly part: Part) {
    // Not as JSON, which knows no NaN.
    this.child = fork(packagePath('dist', 'apps', part, 'src', 'forked.js'), { serialization: 'advanced' });
    this.ended = this.end();
    this.ready = new Promise((resolve, reject) => {
      this.child.on('message', (message: FromPart) => {
        if (message === 'ready') resolve();
        else if ('failure' in message) this.failure = message.failure;
        else this.asked.get(message.id)?.resolve(message.answer as never);
      });
      void this.ended.then((why) => {
        reject(why);
        for (const one of this.asked.values()) one.reject(why);
      });
    });
    this.ready.catch(() => {});
    this.lost = new Promise((resolve) => void this.ended.then((why) => this.stopping || resolve(why)));
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Gives it what it works on. */
  begin(data: PartData): void {
    this.begun = true;
    this.send(data);
  }

  /** Why the part does not work, or undefined. @throws where its process does not answer */
  problem(): Promise<string | undefined> {
    return this.ask('problem');
  }

  /** None where the process does not answer. */
  metrics(): Promise<Answers['metrics']> {
    return this.ask('metrics').catch(() => []);
  }

  /** Lets it work until the signal is aborted, then stops it. */
  async runUntil(signal: AbortSignal): Promise<void> {
    if (!signal.aborted) await once(signal, 'abort');
    await this.stop();
  }

  /** Ends the batch under way, and the process. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.send('stop');
    const kill = () => this.child.kill('SIGKILL');
    if (!this.begun) kill();
    const timer = setTimeout(kill, STOP_TIMEOUT_MS);
    await this.ended;
    clearTimeout(timer);
  }

  /** @returns why the process has ended, after its last message */
  private async end(): Promise<Error> {
    try {
      await Promise.all([once(this.child, 'exit'), once(this.child, 'disconnect')]);
      const { exitCode: code, signalCode: signal } = this.child;
      return new Error(
        this.failure ?? `the process of the ${this.part} ended by ${signal ?? `code ${code}`}`,
      );
    } catch (error) {
      return error as Error;
    }
  }

  private async ask<Q extends keyof Answers>(ask: Q): Promise<Answers[Q]> {
    const id = (this.questions += 1);
    let timer: NodeJS.Timeout | undefined;
    try {
      return await new Promise((resolve, reject) => {
        this.asked.set(id, { resolve, reject });
        timer = setTimeout(() => reject(new Error('its process does not answer')), ANSWER_TIMEOUT_MS);
        this.send({ id, ask });
      });
    } finally {
      clearTimeout(timer);
      this.asked.delete(id);
    }
  }

  private send(message: ToPart): void {
    // A process that no longer listens has ended, or is about to.
    this.child.send(message, () => {});
  }
}
