import type { Instant, Token } from '#libs/domain';
import { listen } from '#libs/platform';
import type pg from 'pg';
import { readCheckpoints, reaches, quoted, type Generation, PROJECTED_CHANNEL } from '#libs/projection';
import { SingleFlight } from './single-flight.js';
import { Proof, type SettledLog } from './proof.js';

export interface ProjectionWaiterOptions {
  /** The polling interval while somebody waits and no notification comes, in milliseconds (default 250). */
  pollMs?: number;
  onError?: (error: unknown) => void;
  /** If given, a read for a waiter for a token also learns up to when the read models have every event. */
  log?: Pick<SettledLog, 'settled'>;
}

interface Waiter {
  enough: (reached: Token) => boolean;
  done: (reached: boolean) => void;
  /** Whether it waits for a token: then it is about to read what was just recorded. */
  forToken: boolean;
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

  learn(upTo: ReadonlyMap<number, Instant>): void {
    this.seen = this.seen.and(upTo);
  }

  /** Whether the read models are known, without a query, to have reached a token. */
  has(token: Token): boolean {
    return reaches(this.reached, token);
  }

  /** True as soon as the read models have reached a token; false after `ms` milliseconds, or when the signal is given. */
  waitFor(token: Token, ms: number, signal?: AbortSignal): Promise<boolean> {
    return this.wait((reached) => reaches(reached, token), true, ms, signal);
  }

  /** As `waitFor`, but until some shard is beyond the token. */
  waitBeyond(token: Token, ms: number, signal?: AbortSignal): Promise<boolean> {
    return this.wait((reached) => !reaches(token, reached), false, ms, signal);
  }

  private async wait(
    enough: Waiter['enough'],
    forToken: boolean,
    ms: number,
    signal?: AbortSignal,
  ): Promise<boolean> {
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
      const waiter = { enough, done, forToken };
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
    const isWanted = [...this.waiters].some(({ forToken }) => forToken);
    const [reached, settled] = await Promise.all([
      readCheckpoints(this.pool, this.schema),
      isWanted ? this.options.log?.settled() : undefined,
    ]);
    this.reached = reached;
    if (settled)
      this.learn(
        new Map(
          [...settled.heads].map(([shard, head]) => [
            shard,
            (reached.get(shard) ?? 0) >= head ? settled.at : '',
          ]),
        ),
      );
    for (const { enough, done } of this.waiters) if (enough(this.reached)) done(true);
  }
}
