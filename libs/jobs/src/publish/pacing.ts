import { setTimeout as sleep } from 'node:timers/promises';
import type { Instant } from '#libs/domain';

/** A clock in milliseconds that can wait: the machine's, or that of a test. */
export interface Clock {
  now(): number;
  /** Resolves after `ms` milliseconds, or at once if the signal is given. */
  wait(ms: number, signal: AbortSignal): Promise<void>;
}

/** The longest time of a timer, about 24 days; a gap in a log may be longer. */
const MAX_SLEEP_MS = 3_600_000;

export const machineClock: Clock = {
  now: () => performance.now(),
  wait: (ms, signal) => sleep(Math.ceil(Math.min(ms, MAX_SLEEP_MS)), undefined, { signal }).catch(() => {}),
};

/** The seconds of the log that pass in one second of the reader. */
export type Speed = number;

const SPEED = /^(\d{1,7}(?:\.\d{1,6})?)x?$/;
export const MAX_SPEED = 1_000_000;
export const SPEED_FORMAT = `a multiple of real time above 0, such as 60x or 0.5x, up to ${MAX_SPEED}x`;

export function parseSpeed(text: string): Speed | undefined {
  const speed = Number(SPEED.exec(text)?.[1]);
  return speed > 0 && speed <= MAX_SPEED ? speed : undefined;
}

/** The start of a paced reading: when its first event was recorded, and when it was sent. */
export interface Start {
  recordedAt: number;
  at: number;
}

/**
 * The time until an event is due, in milliseconds: 0 if it is due or late. Late events are sent at once, so that a slow
 * reader catches up and does not change the pace.
 */
export const untilDue = (recordedAt: number, start: Start, speed: Speed, now: number): number =>
  Math.max(0, start.at + (recordedAt - start.recordedAt) / speed - now);

export interface Pace<T> {
  /** Default: as fast as it is read. */
  speed?: Speed | undefined;
  clock: Clock;
  /** The largest size of a batch, by `sizeOf`; a single item may be larger. */
  most: number;
  sizeOf: (item: T) => number;
}

/**
 * Yields items, given in the order of their time of recording, in batches, none before it is due. The first is due at once.
 * Ends when the signal is given, even within a long gap.
 */
export async function* throttleToRecordedTime<T extends { recordedAt: Instant }>(
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
