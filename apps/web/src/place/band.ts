import type { Status } from '../api/answers.js';
import type { Interval } from '../api/place-answers.js';

const DAY_MS = 86_400_000;

/** A piece of the band: one interval, or several that are too short to be told apart. */
export interface Segment {
  x: number;
  width: number;
  /** Oldest first; at least one. */
  intervals: Interval[];
}

/** The end of a history: when it was known, and never before its last interval begins. */
export function endOf(intervals: readonly Interval[], knownAt: string | null, now: number): number {
  const last = Date.parse(intervals.at(-1)?.from ?? '');
  const to = knownAt === null ? now : Math.min(now, Date.parse(knownAt));
  return Number.isNaN(last) ? to : Math.max(to, last + DAY_MS);
}

/**
 * Intervals along a band, at the scale of time.
 * @param end in milliseconds, after the last interval begins
 * @param width of the band
 * @param least width of a segment: shorter neighbours share one
 */
export function bandOf(intervals: readonly Interval[], end: number, width: number, least: number): Segment[] {
  const [first] = intervals;
  if (first === undefined) return [];
  const start = Date.parse(first.from);
  const scale = width / (end - start);
  const segments: Segment[] = [];
  let isOpen = false;
  for (const interval of intervals) {
    const x = (Date.parse(interval.from) - start) * scale;
    const right = Math.min(
      width,
      (interval.to === null ? end - start : Date.parse(interval.to) - start) * scale,
    );
    const last = segments.at(-1);
    if (isOpen && last !== undefined && right - x < least) {
      last.intervals.push(interval);
      last.width = right - last.x;
    } else segments.push({ x, width: right - x, intervals: [interval] });
    // Short ones are gathered until together they are wide enough to be seen.
    isOpen = segments.at(-1)!.width < least;
  }
  return segments;
}

/** The status of a segment; undefined where it has several. */
export function statusOf({ intervals }: Segment): Status | undefined {
  const [first] = intervals;
  return intervals.every(({ status }) => status === first!.status) ? first!.status : undefined;
}

export interface Tick {
  x: number;
  at: string;
  precision: 'year' | 'month' | 'day';
}

/** Marks of whole days, months or years below a band: at most `most` of them. */
export function ticksOf(start: number, end: number, width: number, most: number): Tick[] {
  const days = (end - start) / DAY_MS;
  const [unit, step] = STEPS.find(([, , length]) => days / length <= most) ?? [
    'year',
    Math.ceil(days / 365.25 / most),
    0,
  ];
  const ticks: Tick[] = [];
  for (let at = floorOf(start, unit, step); at <= end; at = nextOf(at, unit, step))
    if (at >= start)
      ticks.push({
        x: ((at - start) / (end - start)) * width,
        at: new Date(at).toISOString(),
        precision: unit,
      });
  return ticks;
}

type Unit = Tick['precision'];
/** Units, how many of them, and how many days that is. */
const STEPS: readonly [Unit, number, number][] = [
  ['day', 1, 1],
  ['day', 2, 2],
  ['day', 7, 7],
  ['day', 14, 14],
  ['month', 1, 30.4],
  ['month', 3, 91.3],
  ['month', 6, 182.6],
  ['year', 1, 365.25],
  ['year', 2, 730.5],
];

function floorOf(ms: number, unit: Unit, step: number): number {
  const date = new Date(ms);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  if (unit === 'day') return Math.floor(ms / DAY_MS) * DAY_MS;
  return unit === 'month' ? utc(year, month - (month % step)) : utc(year - (year % step), 0);
}

function nextOf(ms: number, unit: Unit, step: number): number {
  const date = new Date(ms);
  if (unit === 'day') return ms + step * DAY_MS;
  return unit === 'month'
    ? utc(date.getUTCFullYear(), date.getUTCMonth() + step)
    : utc(date.getUTCFullYear() + step, 0);
}

/** Years before 100 are years too. */
function utc(year: number, month: number): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month, 1);
  return date.getTime();
}

/** The moment that shows an interval as it began: its day, unless something else followed on that day. */
export function momentOf({ from, to }: Interval): string {
  const day = from.slice(0, 10);
  return to === null || Date.parse(to) >= Date.parse(day) + DAY_MS ? day : from;
}

/** The interval in which a moment lies. @param asOf as the API shows it: to the millisecond; null: now */
export const intervalAt = (intervals: readonly Interval[], asOf: string | null): number =>
  asOf === null ? intervals.length - 1 : intervals.findLastIndex(({ from }) => from <= asOf);
