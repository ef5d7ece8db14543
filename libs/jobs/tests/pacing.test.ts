import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  machineClock,
  throttleToRecordedTime,
  parseFrom,
  parseSpeed,
  parseTo,
  limitByBytes,
  untilDue,
  type Clock,
} from '#libs/jobs';

const T0 = Date.parse('2025-11-20T00:00:00.000Z');
const SECOND_MS = 1000;
const DAY_MS = 86_400 * SECOND_MS;

interface Item {
  recordedAt: string;
  at: number;
}

const items = (...seconds: number[]): Item[] =>
  seconds.map((at) => ({ recordedAt: new Date(T0 + at * SECOND_MS).toISOString(), at }));

async function* from<T>(list: readonly T[]): AsyncGenerator<T> {
  yield* list;
}

/** A clock that advances only by waiting. It may wait less than requested, as the machine's does for long times. */
class TestClock implements Clock {
  time = 5_000_000;
  waited: number[] = [];

  constructor(private readonly longest = Infinity) {}

  now(): number {
    return this.time;
  }

  async wait(ms: number): Promise<void> {
    this.waited.push(ms);
    this.time += Math.min(ms, this.longest);
  }
}

const never = new AbortController().signal;

/** The items sent, with the milliseconds since the beginning. */
async function run(
  list: Item[],
  {
    speed,
    most = 1000,
    clock = new TestClock(),
    each = async () => {},
  }: { speed?: number; most?: number; clock?: TestClock; each?: () => Promise<void> },
) {
  const begun = clock.now();
  const seen: { at: number[]; ms: number }[] = [];
  for await (const batch of throttleToRecordedTime(
    from(list),
    { speed, clock, most, sizeOf: () => 1 },
    never,
  )) {
    seen.push({ at: batch.map(({ at }) => at), ms: clock.now() - begun });
    await each();
  }
  return { seen, clock };
}

describe('the pace of a replay', () => {
  test('is the distance of the times of recording, divided by the speed', async () => {
    const { seen } = await run(items(0, 60, 61, 61, 600), { speed: 60 });
    expect(seen).toEqual([
      { at: [0], ms: 0 },
      { at: [60], ms: 1000 },
      { at: [61, 61], ms: expect.closeTo(1016.67, 1) },
      { at: [600], ms: 10_000 },
    ]);
  });

  test('a month passes in half a day at 60x, silent weeks included', async () => {
    const clock = new TestClock(3_600_000);
    const { seen } = await run(items(0, 1, (30 * DAY_MS) / SECOND_MS), { speed: 60, clock });
    expect(seen.at(-1)).toEqual({ at: [2_592_000], ms: DAY_MS / 2 });
    expect(clock.waited.length).toBeGreaterThan(11);
  });

  test('without a speed nothing is waited for, and batches are as large as they may be', async () => {
    const { seen, clock } = await run(items(0, 1, 2, 3, 100, 100_000, 900_000), { most: 3 });
    expect(seen.map(({ at }) => at)).toEqual([[0, 1, 2], [3, 100, 100_000], [900_000]]);
    expect(clock.waited).toEqual([]);
  });

  test('a slow reader catches up at once and does not move the pace', async () => {
    const clock = new TestClock();
    let slow = true;
    const each = async () => {
      if (slow) clock.time += 2500;
      slow = false;
    };
    const { seen } = await run(items(0, 1, 2, 3, 4), { speed: 1, clock, each });
    expect(seen).toEqual([
      { at: [0], ms: 0 },
      { at: [1, 2], ms: 2500 },
      { at: [3], ms: 3000 },
      { at: [4], ms: 4000 },
    ]);
  });

  test('nothing comes before it is due, all of it comes, in order: whatever the times, the speed and the reader', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(100_000), { minLength: 1, maxLength: 50 }),
        fc.double({ min: 0.1, max: 1000, noNaN: true }),
        fc.nat(5000),
        fc.integer({ min: 1, max: 10 }),
        async (times, speed, pause, most) => {
          const sorted = times.toSorted((a, b) => a - b);
          const clock = new TestClock(50_000_000);
          const { seen } = await run(items(...sorted), {
            speed,
            most,
            clock,
            each: async () => void (clock.time += pause),
          });
          expect(seen.flatMap(({ at }) => at)).toEqual(sorted);
          for (const { at, ms } of seen) {
            expect(at.length).toBeLessThanOrEqual(most);
            for (const second of at)
              expect(ms).toBeGreaterThanOrEqual(((second - sorted[0]!) * SECOND_MS) / speed - 0.001);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test('a silence is left at once when the reading is cancelled', async () => {
    const stop = new AbortController();
    const seen: number[] = [];
    let closed = false;
    async function* source() {
      try {
        yield* items(0, 1_000_000, 1_000_001);
      } finally {
        closed = true;
      }
    }
    const begun = performance.now();
    for await (const batch of throttleToRecordedTime(
      source(),
      { speed: 1, clock: machineClock, most: 10, sizeOf: () => 1 },
      stop.signal,
    )) {
      seen.push(...batch.map(({ at }) => at));
      setTimeout(() => stop.abort(), 50);
    }
    expect(seen).toEqual([0]);
    expect(performance.now() - begun).toBeLessThan(10_000);
    expect(closed).toBe(true);
  });

  test('the machine’s clock keeps it', async () => {
    const begun = performance.now();
    const seen: number[] = [];
    for await (const batch of throttleToRecordedTime(
      from(items(0, 30, 60)),
      { speed: 100, clock: machineClock, most: 10, sizeOf: () => 1 },
      never,
    ))
      seen.push(...batch.map(() => performance.now() - begun));
    expect(seen[1]).toBeGreaterThanOrEqual(300);
    expect(seen[2]).toBeGreaterThanOrEqual(600);
    expect(seen[2]).toBeLessThan(10_000);
  });

  test('untilDue is 0 for what is late', () => {
    expect(untilDue(60_000, { recordedAt: 0, at: 100 }, 60, 100)).toBe(1000);
    expect(untilDue(60_000, { recordedAt: 0, at: 100 }, 60, 5000)).toBe(0);
  });
});

test.each([
  ['60x', 60],
  ['60', 60],
  ['0.5x', 0.5],
  ['1000000x', 1_000_000],
  ['0x', undefined],
  ['-1x', undefined],
  ['1000001x', undefined],
  ['fast', undefined],
  ['', undefined],
  ['1e3x', undefined],
])('the speed %p', (text, speed) => expect(parseSpeed(text)).toBe(speed));

test('a bound is a token or a time; a date is from its start, to its end', () => {
  expect(parseFrom('3:1042,0:7')).toEqual(
    new Map([
      [3, 1042],
      [0, 7],
    ]),
  );
  expect(parseFrom('2025-11-20')).toBe('2025-11-20T00:00:00.000Z');
  expect(parseTo('2025-11-20')).toBe('2025-11-20T23:59:59.999Z');
  expect(parseTo('2025-11-20T08:00:00+02:00')).toBe('2025-11-20T06:00:00.000Z');
  for (const wrong of ['', 'yesterday', '3:', '2025-13-01'])
    expect([parseFrom(wrong), parseTo(wrong)]).toEqual([undefined, undefined]);
});

test('a request holds of each partition what a broker takes, and the order stays', () => {
  const row = (shard: number, kilobytes: number, n: number) => ({
    shard,
    stream: 's',
    body: 'x'.repeat(kilobytes * 1000),
    n,
  });
  const rows = [
    row(0, 300, 1),
    row(1, 300, 2),
    row(0, 300, 3),
    row(0, 300, 4),
    row(1, 300, 5),
    row(2, 2000, 6),
    row(2, 10, 7),
    row(0, 10, 8),
  ];
  expect(limitByBytes(rows).map((portion) => portion.map(({ n }) => n))).toEqual([
    [1, 2, 3],
    [4, 5, 6],
    [7, 8],
  ]);
  expect(limitByBytes([])).toEqual([]);
});
