import type { Query } from '../address/query.js';
import { DAY_MS, dateOf } from '../language/days.js';

/** Days in a row, both counted: `2025-11-20` to `2025-11-26`. Undefined: no limit on that side. */
export interface Span {
  from: string | undefined;
  to: string | undefined;
}

/** The days that the address asks for. What was stated after asOf is not shown. */
export function spanOf({ from, to, asOf }: Query): Span {
  const end = [to, asOf].filter((one) => one !== undefined).map((one) => one.slice(0, 10));
  return { from: from?.slice(0, 10), to: end.toSorted()[0] };
}

/** How many days it has; undefined without both ends. */
export const lengthOf = ({ from, to }: Span): number | undefined =>
  from === undefined || to === undefined
    ? undefined
    : Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;

/** So many days up to a date. */
export const daysTo = (to: string, days: number): Span => ({
  from: dateOf(Date.parse(to) - (days - 1) * DAY_MS),
  to,
});

/** The days before (-1) or after (1), as many. */
export function moved(span: Span, direction: 1 | -1): Span {
  const length = lengthOf(span) ?? 1;
  const end = span.to ?? span.from;
  return end === undefined ? span : daysTo(dateOf(Date.parse(end) + direction * length * DAY_MS), length);
}

/** Items by the day of their time, in their order. */
export function byDay<T extends { at: string }>(items: readonly T[]): { day: string; items: T[] }[] {
  const days: { day: string; items: T[] }[] = [];
  for (const item of items) {
    const day = item.at.slice(0, 10);
    if (days.at(-1)?.day === day) days.at(-1)!.items.push(item);
    else days.push({ day, items: [item] });
  }
  return days;
}
