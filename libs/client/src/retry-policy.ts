import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '#libs/concurrency';

export interface RetryOptions {
  /** Called for each failure that will be retried. `attempt` counts consecutive failures, from 1. */
  onRetry?: (error: Error, attempt: number) => void;
  /** Gives up after this time without a success, in milliseconds (default: never). */
  giveUpAfterMs?: number;
  /** The longest rest between two attempts, in milliseconds (default 10,000). */
  longestRestMs?: number;
}

export interface RetryPolicyOptions extends RetryOptions {
  signal: AbortSignal;
  /** Whether an error is transient, so that it makes sense to retry. */
  isTransient: (error: unknown) => boolean;
}

/** Rests after each failure, twice as long each time; chance shortens a rest by up to half, so that clients do not retry in step. */
export class RetryPolicy {
  private failures = 0;
  private since: number | undefined;

  constructor(private readonly options: RetryPolicyOptions) {}

  /** An attempt has succeeded. */
  recovered(): void {
    this.failures = 0;
    this.since = undefined;
  }

  /** @throws the error, where it is permanent or has lasted too long; the signal's reason, where it is aborted */
  async backOff(error: unknown): Promise<void> {
    const { signal, isTransient, onRetry, giveUpAfterMs = Infinity, longestRestMs } = this.options;
    signal.throwIfAborted();
    this.since ??= performance.now();
    if (!isTransient(error) || performance.now() - this.since > giveUpAfterMs) throw error;
    this.failures += 1;
    onRetry?.(error instanceof Error ? error : new Error(String(error)), this.failures);
    await pause(backoffMs(this.failures, longestRestMs) * (0.5 + Math.random() / 2), signal);
  }
}

/**
 * Repeats some work until it succeeds.
 * @throws as `RetryPolicy.backOff`; at once where the signal is aborted, whether or not the work notices it
 */
export async function withRetry<T>(work: () => Promise<T>, options: RetryPolicyOptions): Promise<T> {
  const policy = new RetryPolicy(options);
  for (;;) {
    try {
      return await abandonable(work(), options.signal);
    } catch (error) {
      await policy.backOff(error);
    }
  }
}

/** @throws the signal's reason */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => signal.throwIfAborted());
}

/** The result of some work, or the signal's reason, whichever is first. */
export function abandonable<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abandon = () => reject(signal.reason as Error);
    if (signal.aborted) abandon();
    else signal.addEventListener('abort', abandon, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abandon));
  });
}
