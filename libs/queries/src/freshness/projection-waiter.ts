import type { Instant, Token } from '#libs/domain';
import { listen } from '#libs/platform';
import type pg from 'pg';
import { readCheckpoints, reaches, quoted, type Generation, PROJECTED_CHANNEL } from '#libs/projection';
import { SingleFlight } from './single-flight.js';
import { completeUpTo, Proof, type SettledLog } from './proof.js';

export interface ProjectionWaiterOptions {
  /** The polling interval while somebody waits and no notification comes, in milliseconds (default 250). */
  pollMs?: number;
  onError?: (error: unknown) => void;
  /** If given, reads while tokens come also learn up to when the read models have every event. */
  log?: SettledLog;
}

/** It learns until this long after a token has come: the next one may come after its projection was announced. */
const LEARNING_MS = 5000;

interface Waiter {
  enough: (reached: Token) => boolean;
  done: (reached: boolean) => void;
}

/** Waits until the read models have reached a token. One for each process: from the first wait on it holds one connection for all. */
export class ProjectionWaiter {
  private readonly schema: string;
  private readonly waiters = new Set<Waiter>();
  private readonly closing = new AbortController();
  private reached: Token = new Map();
  private seen = new Proof(new Map());
  private readonly looks = new SingleFlight(() => this.read());
  private listening: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private listens = false;
  /** When somebody came with a token last. */
  private askedAt = -Infinity;

  constructor(
    private readonly pool: pg.Pool,
    generation: Pick<Generation, 'schema'>,
    private readonly options: ProjectionWaiterOptions = {},
  ) {
    this.schema = quoted(generation.schema);
  }

  /** Ends the connection; every open wait returns false. */
  async close(): Promise<void> {
    this.closing.abort();
    for (const { done } of this.waiters) done(false);
    await this.listening;
    await this.looks.underWay?.catch(() => {});
  }

  /** The time up to which the read models are known, without a query, to have every event. */
  get proof(): Proof {
    return this.seen;
  }

  /** Forgets what was reached, because the log has gone back. */
  forget(): void {
    this.reached = new Map();
    this.seen = new Proof(new Map());
  }

  learn(upTo: ReadonlyMap<number, Instant>): void {
    this.seen = this.seen.and(upTo);
  }

  /** Whether the read models are known, without a query, to have reached a token. */
  has(token: Token): boolean {
    this.askedAt = performance.now();
    return reaches(this.reached, token);
  }

  /** True as soon as the read models have reached a token; false after `ms` milliseconds, or when the signal is given. */
  waitFor(token: Token, ms: number, signal?: AbortSignal): Promise<boolean> {
    this.askedAt = performance.now();
    return this.wait((reached) => reaches(reached, token), ms, signal);
  }

  /** As `waitFor`, but until some shard is beyond the token. */
  waitBeyond(token: Token, ms: number, signal?: AbortSignal): Promise<boolean> {
    return this.wait((reached) => !reaches(token, reached), ms, signal);
  }

  private async wait(enough: Waiter['enough'], ms: number, signal?: AbortSignal): Promise<boolean> {
    if (enough(this.reached)) return true;
    // Once it listens, every change is announced: a read for each waiter would be one query for each request.
    if (!this.listens || ms <= 0) await this.refresh();
    if (enough(this.reached)) return true;
    if (ms <= 0 || signal?.aborted || this.closing.signal.aborted) return false;
    this.listening ??= listen(this.pool, PROJECTED_CHANNEL, () => this.onProjected(), {
      signal: this.closing.signal,
      onError: this.options.onError,
    });
    return new Promise((resolve) => {
      const done = (reached: boolean) => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', give);
        this.waiters.delete(waiter);
        if (this.waiters.size === 0) clearInterval(this.timer);
        resolve(reached);
      };
      const give = () => done(false);
      const timer = setTimeout(give, ms);
      signal?.addEventListener('abort', give);
      const waiter = { enough, done };
      if (this.waiters.size === 0) this.timer = setInterval(() => this.wake(), this.options.pollMs ?? 250);
      this.waiters.add(waiter);
    });
  }

  /** Called when the connection is up, and for each announcement on it. */
  private onProjected(): void {
    this.listens = true;
    this.refresh().catch((error: unknown) => this.options.onError?.(error));
  }

  private wake(): void {
    if (this.waiters.size > 0) this.refresh().catch((error: unknown) => this.options.onError?.(error));
  }

  /** Reads the checkpoints. */
  private refresh(): Promise<void> {
    return this.looks.run();
  }

  private async read(): Promise<void> {
    const log = performance.now() - this.askedAt < LEARNING_MS ? this.options.log : undefined;
    const [reached, settled] = await Promise.all([readCheckpoints(this.pool, this.schema), log?.settled()]);
    if (log && settled) this.learn(await completeUpTo(log, settled, reached));
    this.reached = reached;
    for (const { enough, done } of this.waiters) if (enough(this.reached)) done(true);
  }
}
