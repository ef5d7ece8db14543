import { NotSent, Refused, type Refusal } from '../errors.js';
import type { Outgoing } from './outgoing.js';
import { withRetry, type RetryOptions } from '../retry-policy.js';
import { SendQueue } from './send-queue.js';
import type { Transport } from './transport.js';

export interface OutboxOptions extends RetryOptions {
  /** Called for each refusal of the service (over HTTP; Kafka has a topic of dead letters). An error ends the producer. */
  onRefused?: (refusal: Refusal) => void | Promise<void>;
  /** Ends the producer at once: statements that are not acknowledged may or may not be recorded. */
  signal?: AbortSignal;
  /** At most this many may wait for acknowledgement (default 10,000). */
  maxQueued?: number;
  /** At most this much may wait for acknowledgement, in bytes (default 16 MiB). */
  maxQueuedBytes?: number;
  /** How long the first of a batch waits for others, in milliseconds (default 5). */
  lingerMs?: number;
}

interface Flush {
  upTo: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

const MAX_REFUSALS_KEPT = 1000;

/** Sends its items in order, one batch at a time, each until it is acknowledged. */
export class Outbox {
  private readonly queue: SendQueue;
  private readonly ending = new AbortController();
  private readonly abort = () => this.fail(this.options.signal?.reason);
  private failure: NotSent | undefined;
  private closing: Promise<void> | undefined;
  private sending = false;
  private linger: NodeJS.Timeout | undefined;
  private flushes: Flush[] = [];
  private refusals: Refusal[] = [];
  private refused = 0;

  constructor(
    private readonly transport: Transport,
    private readonly options: OutboxOptions,
  ) {
    this.queue = new SendQueue({
      count: options.maxQueued ?? 10_000,
      bytes: options.maxQueuedBytes ?? 16 * 1024 * 1024,
    });
    if (options.signal?.aborted) this.abort();
    else options.signal?.addEventListener('abort', this.abort, { once: true });
  }

  /** Resolves when all of them are queued. @throws NotSent where the outbox has ended; Error where it is closed */
  async put(items: readonly Outgoing[]): Promise<void> {
    this.check();
    const taken = this.queue.put(items);
    this.wake(this.options.lingerMs ?? 5);
    await taken;
  }

  /** @throws NotSent where the outbox has ended; Error where it is closed */
  check(): void {
    if (this.failure) throw this.failure;
    if (this.closing) throw new Error('the producer is closed');
  }

  /** Resolves when all items put so far are acknowledged. @throws Refused, NotSent */
  async flush(): Promise<void> {
    if (this.failure) throw this.failure;
    if (this.queue.done < this.queue.brought) {
      this.wake(0);
      await new Promise<void>((resolve, reject) =>
        this.flushes.push({ upTo: this.queue.brought, resolve, reject }),
      );
    }
    if (this.refused === 0) return;
    const error = new Refused(this.refusals, this.refused);
    this.refusals = [];
    this.refused = 0;
    throw error;
  }

  /** Flushes and closes the transport. @throws as `flush`; NotSent where that takes longer than `timeoutMs` */
  close(timeoutMs: number): Promise<void> {
    return (this.closing ??= this.end(timeoutMs));
  }

  private async end(timeoutMs: number): Promise<void> {
    const timer = setTimeout(
      () => this.fail(new Error(`closed before it was acknowledged, after ${timeoutMs} ms`)),
      timeoutMs,
    );
    try {
      await this.flush();
    } finally {
      clearTimeout(timer);
      this.ending.abort();
      this.options.signal?.removeEventListener('abort', this.abort);
      await this.transport.close();
    }
  }

  private wake(ms: number): void {
    if (this.sending || this.failure || (ms > 0 && this.linger)) return;
    clearTimeout(this.linger);
    this.linger = setTimeout(() => void this.send(), ms);
  }

  private async send(): Promise<void> {
    this.linger = undefined;
    this.sending = true;
    const { queue, transport, options } = this;
    const { signal } = this.ending;
    try {
      while (queue.length > 0) {
        const batch = queue.batch(transport.bounds, (first, next) => transport.joins(first, next));
        const refused = await withRetry(() => transport.send(batch, signal), {
          ...options,
          signal,
          isTransient: (error) => transport.isTransient(error),
        });
        for (const refusal of refused) await this.report(refusal);
        queue.remove(batch.length);
        this.settle();
      }
    } catch (error) {
      this.fail(error);
    }
    this.sending = false;
  }

  private async report(refusal: Refusal): Promise<void> {
    if (this.options.onRefused) return this.options.onRefused(refusal);
    this.refused += 1;
    if (this.refusals.length < MAX_REFUSALS_KEPT) this.refusals.push(refusal);
  }

  private settle(): void {
    const left = this.flushes.filter(({ upTo }) => upTo > this.queue.done);
    for (const flush of this.flushes) if (flush.upTo <= this.queue.done) flush.resolve();
    this.flushes = left;
  }

  private fail(cause: unknown): void {
    if (this.failure) return;
    const failure = (this.failure = new NotSent(this.queue.brought - this.queue.done, cause));
    clearTimeout(this.linger);
    this.ending.abort(failure);
    this.queue.fail(failure);
    for (const { reject } of this.flushes) reject(failure);
    this.flushes = [];
  }
}
