import { backoffMs, pause } from './backoff.js';

export interface RetryOptions {
  signal: AbortSignal;
  /** Called for each error that is waited out. */
  onError: (error: unknown) => void;
  /** Whether waiting does not help (default: it always may). */
  isPermanent?: (error: unknown) => boolean;
  maxBackoffMs?: number;
}

/** Repeats some work, with back-off, until it succeeds. @throws a permanent error; the signal's reason */
export async function retry<T>(
  work: () => Promise<T>,
  { signal, onError, isPermanent, maxBackoffMs }: RetryOptions,
): Promise<T> {
  for (let failures = 0; ;) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if (isPermanent?.(error)) throw error;
      onError(error);
      await pause(backoffMs(++failures, maxBackoffMs), signal);
    }
  }
}
