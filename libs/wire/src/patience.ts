import { setTimeout as sleep } from 'node:timers/promises';

/** Waits; a signal ends the wait early, without an error. */
export async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await sleep(ms, undefined, { signal }).catch(() => {});
}

const FIRST_MS = 100;
const MOST_MS = 10_000;

/** How long to rest after consecutive failures: twice as long each time, up to `most` (default 10 s). */
export const backOff = (failures: number, most = MOST_MS): number =>
  Math.min(most, FIRST_MS * 2 ** Math.min(failures - 1, 20));
