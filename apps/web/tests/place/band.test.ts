import { describe, expect, it } from '@jest/globals';
import type { Interval } from '../../src/api/place-answers.js';
import { bandOf, endOf, intervalAt, momentOf, statusOf, ticksOf } from '../../src/place/band.js';

const DAY_MS = 86_400_000;
const START = Date.parse('2025-01-01');
const iso = (day: number) => new Date(START + day * DAY_MS).toISOString();

/** Intervals that begin on these days, with alternating statuses. */
const history = (...days: number[]): Interval[] =>
  days.map((day, n) => ({
    from: iso(day),
    to: n + 1 < days.length ? iso(days[n + 1]!) : null,
    status: n % 2 === 0 ? 'claimed' : 'contested',
    rule: 'a/rule',
    holders: ['russia'],
    eventId: `e-${n}`,
  }));

describe('the band of a history', () => {
  it('is at the scale of time and without gaps', () => {
    expect(
      bandOf(history(0, 10, 40), START + 100 * DAY_MS, 1000, 5).map(({ x, width }) => [x, width]),
    ).toEqual([
      [0, 100],
      [100, 300],
      [400, 600],
    ]);
  });

  it('gathers what is too short to be seen, and loses nothing', () => {
    const days = Array.from({ length: 600 }, (_, n) => n / 4);
    const intervals = history(...days);
    const band = bandOf(intervals, START + 400 * DAY_MS, 360, 5);
    expect(band.flatMap((segment) => segment.intervals)).toEqual(intervals);
    expect(band.length).toBeLessThan(73);
    // What is left over before a long interval may be narrower.
    for (const { width } of band.slice(0, -2)) expect(width).toBeGreaterThanOrEqual(5);
    expect(band.at(-1)!.x + band.at(-1)!.width).toBeCloseTo(360);
    band.reduce((right, { x, width }) => {
      expect(x).toBeCloseTo(right);
      return x + width;
    }, 0);
    expect(statusOf(band[0]!)).toBeUndefined();
    expect(statusOf(band.at(-1)!)).toBe('contested');
  });

  it('does not merge a long interval into the short ones before it', () => {
    const band = bandOf(history(0, 0.1, 50), START + 100 * DAY_MS, 1000, 5);
    expect(band.map(({ intervals }) => intervals.length)).toEqual([1, 1, 1]);
  });

  it('ends when it was known, but after the last interval began', () => {
    const intervals = history(0, 10);
    expect(endOf(intervals, null, START + 50 * DAY_MS)).toBe(START + 50 * DAY_MS);
    expect(endOf(intervals, iso(30), START + 50 * DAY_MS)).toBe(START + 30 * DAY_MS);
    expect(endOf(intervals, iso(5), START + 50 * DAY_MS)).toBe(START + 11 * DAY_MS);
    expect(endOf(intervals, iso(60), START + 50 * DAY_MS)).toBe(START + 50 * DAY_MS);
    expect(bandOf([], START, 1000, 5)).toEqual([]);
  });

  it.each([3, 20, 90, 400, 4000, 40_000])('has a few round ticks for %d days', (days) => {
    const end = START + days * DAY_MS;
    const ticks = ticksOf(START, end, 1000, 8);
    expect(ticks.length).toBeGreaterThan(0);
    expect(ticks.length).toBeLessThanOrEqual(10);
    for (const { x, at, precision } of ticks) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x).toBeLessThanOrEqual(1000);
      expect(at).toMatch({ day: /T00:00:00/, month: /-01T00:00/, year: /-01-01T00:00/ }[precision]);
    }
  });
});

describe('moments of a history', () => {
  it('are days, unless something else followed on that day', () => {
    const [first, second] = history(0, 0.5) as [Interval, Interval];
    expect(momentOf(first)).toBe('2025-01-01T00:00:00.000Z');
    expect(momentOf(second)).toBe('2025-01-01');
    expect(momentOf(history(0, 1)[0]!)).toBe('2025-01-01');
  });

  it('lie in the interval that has begun by then', () => {
    const intervals = history(0, 10);
    expect(intervalAt(intervals, null)).toBe(1);
    expect(intervalAt(intervals, iso(9.9))).toBe(0);
    expect(intervalAt(intervals, iso(10))).toBe(1);
    expect(intervalAt(intervals, iso(-1))).toBe(-1);
  });
});
