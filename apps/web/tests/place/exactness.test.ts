import { describe, expect, it } from '@jest/globals';
import type { StatedPrecision } from '../../src/api/place-answers.js';
import { precisionAt, unsureAfter } from '../../src/place/exactness.js';

const AT = '2025-11-01T00:00:00.000Z';
const DAY_MS = 86_400_000;
const stated = (...precisions: StatedPrecision[]) =>
  precisions.map((statedPrecision) => ({ statedAt: AT, statedPrecision }));

describe('how exactly an instant is known', () => {
  it.each([
    [['month'], 'month'],
    [['day', 'month'], 'month'],
    [['month', 'year', 'day'], 'year'],
    [['time', 'day'], 'day'],
    [['time'], 'minute'],
    [[], undefined],
  ] as const)('is that of its least exact statement: %j', (precisions, expected) =>
    expect(precisionAt(AT, stated(...precisions))).toBe(expected),
  );

  it('leaves out what was said at another instant', () =>
    expect(precisionAt('2025-11-02T00:00:00.000Z', stated('month'))).toBeUndefined());

  it('is a month, a year, or no more than the day', () => {
    expect(unsureAfter(AT, 'month')).toBe(30 * DAY_MS);
    expect(unsureAfter(AT, 'year')).toBe(365 * DAY_MS);
    for (const precision of ['day', 'minute', undefined] as const) expect(unsureAfter(AT, precision)).toBe(0);
  });
});
