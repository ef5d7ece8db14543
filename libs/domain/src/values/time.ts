import { z } from 'zod';

/** A moment in UTC to the millisecond, as `YYYY-MM-DDTHH:mm:ss.sssZ`: its text order is its order in time. */
export type Instant = string;

export const PRECISIONS = ['year', 'month', 'day', 'time'] as const;
export type Precision = (typeof PRECISIONS)[number];

export interface TimeWithPrecision {
  at: Instant;
  precision: Precision;
}

/** An instant as it is written here, on a day that every month has: the usual case, which need not be taken apart. */
const WHOLE =
  /^(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3])(?::[0-5]\d){2}\.\d{3}Z$/;
const DATE = /^(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?$/;
const TIME =
  /^(\d{4})-(\d{2})-(\d{2})[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?(?:[Zz]|([+-])(\d{2}):?(\d{2}))$/;

export const TIME_FORMAT =
  'a year, a month, a day (2025-11-20) or a time with its offset (2025-11-20T08:00:00Z)';

const LAST_YEAR = 9999;

/**
 * Reads a year, a month, a day or an RFC 3339 time (seconds may be left out; digits beyond the millisecond are cut off).
 * @returns its start in UTC with its precision; undefined for any other text, or a year outside 1 to 9999
 */
export function parseMoment(text: string): TimeWithPrecision | undefined {
  if (WHOLE.test(text)) return { at: text, precision: 'time' };
  const date = DATE.exec(text);
  if (date) {
    const [, year, month, day] = date;
    return exists(year!, month, day)
      ? {
          at: `${year}-${month ?? '01'}-${day ?? '01'}T00:00:00.000Z`,
          precision: day ? 'day' : month ? 'month' : 'year',
        }
      : undefined;
  }
  const time = TIME.exec(text);
  if (!time) return undefined;
  const [, year, month, day, hour, minute, second = '00', fraction = '', sign, offsetHour, offsetMinute] =
    time;
  if (!exists(year!, month, day) || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return undefined;
  const millisecond = fraction.slice(0, 3).padEnd(3, '0');
  const local = `${year}-${month}-${day}T${hour}:${minute}:${second}.${millisecond}Z`;
  if (!sign) return { at: local, precision: 'time' };
  if (Number(offsetHour) > 23 || Number(offsetMinute) > 59) return undefined;
  const offset = (sign === '-' ? -1 : 1) * (Number(offsetHour) * 60 + Number(offsetMinute)) * 60_000;
  const at = new Date(Date.parse(local) - offset);
  return at.getUTCFullYear() < 1 || at.getUTCFullYear() > LAST_YEAR
    ? undefined
    : { at: at.toISOString(), precision: 'time' };
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

/** Whether there is such a day: from year 1, in the Gregorian calendar. */
function exists(year: string, month = '01', day = '01'): boolean {
  const [y, m, d] = [Number(year), Number(month), Number(day)];
  const isLeap = y % 4 === 0 && (y % 100 !== 0 || y % 400 === 0);
  const days = m === 2 ? (isLeap ? 29 : 28) : m === 4 || m === 6 || m === 9 || m === 11 ? 30 : 31;
  return y >= 1 && m >= 1 && m <= 12 && d >= 1 && d <= days;
}

/** A field that holds a moment, read by `parseMoment`. */
export const moment = z
  .string()
  .max(64, { abort: true })
  .transform((value, context): TimeWithPrecision => {
    const parsed = parseMoment(value.trim());
    if (parsed) return parsed;
    context.addIssue({ code: 'custom', message: `must be ${TIME_FORMAT}` });
    return z.NEVER;
  })
  .meta({ description: `A time: ${TIME_FORMAT}`, examples: ['2025-11-20', '2025-11-20T08:00:00Z'] });
