import { z } from 'zod';

/** A moment in UTC to the millisecond, as `YYYY-MM-DDTHH:mm:ss.sssZ`: its text order is its order in time. */
export type Instant = string;

export const PRECISIONS = ['year', 'month', 'day', 'time'] as const;
export type Precision = (typeof PRECISIONS)[number];

export interface TimeWithPrecision {
  at: Instant;
  precision: Precision;
}

const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const TIME =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:([Zz])|([+-])(\d{2}):?(\d{2}))$/;

export const TIME_FORMAT =
  'a year, a month, a day (2025-11-20) or a time with its offset (2025-11-20T08:00:00Z)';

const LAST_YEAR = 9999;

/**
 * Reads a year, a month, a day or an RFC 3339 time (seconds may be left out; digits beyond the millisecond are cut off).
 * @returns its start in UTC with its precision; undefined for any other text, or a year outside 1 to 9999
 */
export function parseMoment(text: string): TimeWithPrecision | undefined {
  const date = DATE.exec(text);
  if (date) {
    const [, year, month, day] = date;
    const at = utc(Number(year), Number(month ?? 1), Number(day ?? 1));
    return at === undefined ? undefined : { at, precision: day ? 'day' : month ? 'month' : 'year' };
  }
  const time = TIME.exec(text);
  if (!time) return undefined;
  const [, year, month, day, hour, minute, second, fraction, zulu, sign, offsetHour, offsetMinute] = time;
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 59) return undefined;
  if (!zulu && (Number(offsetHour) > 23 || Number(offsetMinute) > 59)) return undefined;
  const offset = zulu
    ? 0
    : (sign === '-' ? -1 : 1) * (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const millisecond = Number((fraction ?? '0').slice(0, 3).padEnd(3, '0'));
  const inDay = ((Number(hour) * 60 + Number(minute)) * 60 + Number(second ?? 0)) * 1000 + millisecond;
  const at = utc(Number(year), Number(month), Number(day), inDay - offset);
  return at === undefined ? undefined : { at, precision: 'time' };
}

/** A time in a question: as `parseMoment`, but a date without a time means its last millisecond (docs/domain.md, "Times"). */
export function parseEnd(text: string): Instant | undefined {
  const moment = parseMoment(text);
  return moment && endOfPeriod(moment);
}

/** The last millisecond of a moment with the precision of a day or coarser; a time is its own end. */
export function endOfPeriod({ at, precision }: TimeWithPrecision): Instant {
  if (precision === 'time') return at;
  const next = new Date(at);
  if (precision === 'year') next.setUTCFullYear(next.getUTCFullYear() + 1);
  else if (precision === 'month') next.setUTCMonth(next.getUTCMonth() + 1);
  else next.setUTCDate(next.getUTCDate() + 1);
  return new Date(next.getTime() - 1).toISOString();
}

function utc(year: number, month: number, day: number, plus = 0): Instant | undefined {
  const start = new Date(0);
  start.setUTCFullYear(year, month - 1, day);
  // Date would roll 30 February over into March; here a date that does not exist is an error.
  if (year < 1 || start.getUTCMonth() !== month - 1 || start.getUTCDate() !== day) return undefined;
  const at = new Date(start.getTime() + plus);
  return at.getUTCFullYear() < 1 || at.getUTCFullYear() > LAST_YEAR ? undefined : at.toISOString();
}

/** A field that holds a moment, read by `parseMoment`. */
export const moment = z
  .string()
  .max(64)
  .transform((value, context): TimeWithPrecision => {
    const parsed = parseMoment(value.trim());
    if (parsed) return parsed;
    context.addIssue({ code: 'custom', message: `must be ${TIME_FORMAT}` });
    return z.NEVER;
  })
  .meta({ description: `A time: ${TIME_FORMAT}`, examples: ['2025-11-20', '2025-11-20T08:00:00Z'] });
