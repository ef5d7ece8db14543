import { setTimeout as sleep } from 'node:timers/promises';

/** Waits; a signal ends the wait early, without an error. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

const INITIAL_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 10_000;

/**
 * How long to rest after consecutive failures: twice as long each time.
 * @param maxMs default 10 s
 * @param initialMs after the first failure (default 100 ms)
 */
export const backoffMs = (failures: number, maxMs = MAX_BACKOFF_MS, initialMs = INITIAL_BACKOFF_MS): number =>
  Math.min(maxMs, initialMs * 2 ** Math.min(failures - 1, 20));
