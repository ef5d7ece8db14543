import type { Statement } from '../api/place-answers.js';

const COARSEST_FIRST = ['year', 'month', 'day'] as const;
export type Exactness = (typeof COARSEST_FIRST)[number] | 'minute';

/**
 * How exactly an instant is known: as the least exact of the statements that were made at it. Who speaks "in November" has
 * its first moment as the instant. Undefined where no statement of it is at hand.
 */
export function precisionAt(
  at: string | null,
  statements: Iterable<Pick<Statement, 'statedAt' | 'statedPrecision'>>,
): Exactness | undefined {
  const found = new Set(
    [...statements].filter((one) => one.statedAt === at).map((one) => one.statedPrecision),
  );
  return COARSEST_FIRST.find((precision) => found.has(precision)) ?? (found.size > 0 ? 'minute' : undefined);
}

/** The time after an instant in which it may as well have been, in milliseconds; none for a day, which is exact enough. */
export function unsureAfter(at: string, precision: Exactness | undefined): number {
  const date = new Date(at);
  if (precision === 'year') date.setUTCFullYear(date.getUTCFullYear() + 1);
  if (precision === 'month') date.setUTCMonth(date.getUTCMonth() + 1);
  return date.getTime() - Date.parse(at);
}
