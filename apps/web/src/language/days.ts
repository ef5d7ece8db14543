import type { MapDays } from '../api/answers.js';

export const DAY_MS = 86_400_000;

/** A date as the API takes it, 2025-11-20: in asOf the end of that day. */
export const dateOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

/** The last moment of a date. */
export const endOf = (date: string): number => Date.parse(date.slice(0, 10)) + DAY_MS - 1;

/** From this on a moment is after all that is ever said: permanent addresses have one. */
export const ALL_SAID = '9999';

/** Days from the first change to the day after the last one; the step behind the last is the present. */
export interface Days {
  dates: string[];
  /** Changes of each day. */
  counts: number[];
  /** The most of a day. */
  most: number;
}

export function daysOf({ first, columns }: MapDays): Days {
  if (first === null || columns.day.length === 0) return { dates: [], counts: [], most: 0 };
  const counts = Array.from({ length: columns.day.at(-1)! + 1 }, () => 0);
  columns.day.forEach((day, row) => (counts[day] = columns.count[row]!));
  const zero = Date.parse(first);
  return {
    dates: counts.map((_, day) => dateOf(zero + day * DAY_MS)),
    counts,
    most: counts.reduce((most, count) => Math.max(most, count), 0),
  };
}

/** The position of a moment on the slider: the number of days is the present. */
export function positionOf(asOf: string | undefined, { dates }: Days): number {
  if (asOf === undefined || asOf >= ALL_SAID || dates.length === 0) return dates.length;
  const day = Math.round((Date.parse(asOf.slice(0, 10)) - Date.parse(dates[0]!)) / DAY_MS);
  return Math.max(0, Math.min(day, dates.length - 1));
}

/** The position a month before or after. */
export function monthFrom(position: number, months: 1 | -1, { dates }: Days): number {
  const date = new Date(dates[Math.min(position, dates.length - 1)] ?? 0);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, last));
  const moved = Math.round((date.getTime() - Date.parse(dates[0] ?? '1970-01-01')) / DAY_MS);
  return Math.max(0, Math.min(moved, dates.length));
}

/** The first and the last date of the month of a date. */
export function monthOf(date: string): { from: string; to: string } {
  const [year, month] = date.split('-').map(Number) as [number, number];
  return { from: `${date.slice(0, 7)}-01`, to: dateOf(Date.UTC(year, month, 0)) };
}
