import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant } from '#libs/domain';

/** What tells the time, in milliseconds, and waits: the machine's, or that of a test. */
export interface Clock {
  now(): number;
  /** Resolves after so long, or at once where the signal is given. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** A timer holds about 24 days and not a millisecond more; a silent time in a log may be longer. */
const LONGEST_MS = 3_600_000;

export const machineClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) => sleep(Math.ceil(Math.min(ms, LONGEST_MS)), undefined, { signal }).catch(() => {}),
};

/** So many seconds of the log go by in one of the reader's. */
export type Speed = number;

const SPEED = /^(\d{1,7}(?:\.\d{1,6})?)x?$/;
export const MOST_SPEED = 1_000_000;
export const SPEED_FORMAT = `a multiple of real time above 0, such as 60x or 0.5x, up to ${MOST_SPEED}x`;

export function parseSpeed(text: string): Speed | undefined {
  const speed = Number(SPEED.exec(text)?.[1]);
  return speed > 0 && speed <= MOST_SPEED ? speed : undefined;
}

/** Where a paced reading began: when its first event was recorded, and when it was given out. */
export interface Start {
  recordedAt: number;
  at: number;
}

/**
 * How long it is until an event is due, in milliseconds: 0 where it is, or is late. What is late is given out at once, so a
 * slow reader catches up and does not move the pace.
 */
export const untilDue = (recordedAt: number, start: Start, speed: Speed, now: number): number =>
  Math.max(0, start.at + (recordedAt - start.recordedAt) / speed - now);

export interface Pace<T> {
  /** None: as fast as it is read. */
  speed?: Speed | undefined;
  clock: Clock;
  /** How large a batch may become, by `sizeOf`; one item alone may be larger. */
  most: number;
  sizeOf: (item: T) => number;
}

/**
 * Gives items that come in order of their time of recording out in batches, none before it is due. The first is due at
 * once. Ends, also in the midst of a long silence, when the signal is given.
 */
export async function* paced<T extends { recordedAt: Instant }>(
  items: AsyncIterable<T>,
  { speed, clock, most, sizeOf }: Pace<T>,
  signal: AbortSignal,
): AsyncGenerator<T[]> {
  let start: Start | undefined;
  let batch: T[] = [];
  let size = 0;
  for await (const item of items) {
    if (signal.aborted) return;
    const recordedAt = Date.parse(item.recordedAt);
    const wait = () =>
      speed === undefined
        ? 0
        : untilDue(recordedAt, (start ??= { recordedAt, at: clock.now() }), speed, clock.now());
    const itemSize = sizeOf(item);
    if (batch.length > 0 && (size + itemSize > most || wait() > 0)) {
      yield batch;
      batch = [];
      size = 0;
    }
    for (let ms = wait(); ms > 0; ms = wait()) {
      await clock.wait(ms, signal);
      if (signal.aborted) return;
    }
    batch.push(item);
    size += itemSize;
  }
  if (batch.length > 0 && !signal.aborted) yield batch;
}
