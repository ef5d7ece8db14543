import type { Instant } from '#libs/domain';
import type { Db } from '#libs/platform';
import { types } from '../rows/stored-event.js';

/** The clocks that matter to a store. */
export interface Clocks {
  /** The database's, which gives events their time. */
  database: Instant;
  /** That of this process. */
  process: Instant;
  /** When the newest event was recorded; null where there is none. */
  newest: Instant | null;
}

export async function readClocks(db: Db): Promise<Clocks> {
  const { rows } = await db.query<Omit<Clocks, 'process'>>({
    text: `
      select date_trunc('milliseconds', clock_timestamp()) at time zone 'UTC' as database,
        max(recorded_at) at time zone 'UTC' as newest
      from claimline.heads`,
    types,
  });
  return { ...rows[0]!, process: new Date().toISOString() };
}

const SECOND_MS = 1000;
const DAY_MS = 24 * 3600 * SECOND_MS;

/** A clock that was corrected, or another server's after a failover, may be behind for a moment. */
const MAX_BEHIND_MS = SECOND_MS;
/** A store may be quiet for long; after this long the clock is worth a look. */
const MAX_AHEAD_MS = 90 * DAY_MS;
const MAX_APART_MS = 60 * SECOND_MS;

/** What is suspicious about the clocks, a sentence each. Times in the log never go back, and are never corrected. */
export function clockWarnings(clocks: Clocks): string[] {
  const [database, process, newest] = [clocks.database, clocks.process, clocks.newest ?? clocks.database].map(
    (time) => Date.parse(time),
  ) as [number, number, number];
  const warnings: string[] = [];
  if (newest - database > MAX_BEHIND_MS)
    warnings.push(
      `the database's clock (${clocks.database}) is behind the newest event by ${span(newest - database)}: until it has ` +
        `passed ${clocks.newest}, all events get that time`,
    );
  if (database - newest > MAX_AHEAD_MS)
    warnings.push(
      `the database's clock (${clocks.database}) is ahead of the newest event by ${span(database - newest)}: check it before ` +
        'anything is recorded, for no later event can have an earlier time',
    );
  if (Math.abs(database - process) > MAX_APART_MS)
    warnings.push(
      `the clocks of the database (${clocks.database}) and of this process (${clocks.process}) differ by ` +
        span(Math.abs(database - process)),
    );
  return warnings;
}

const UNITS: [name: string, ms: number][] = [
  ['day', DAY_MS],
  ['hour', 3600 * SECOND_MS],
  ['minute', 60 * SECOND_MS],
  ['second', SECOND_MS],
];

/** A span of at least a second, in its largest unit. */
function span(ms: number): string {
  const [name, unit] = UNITS.find(([, size]) => ms >= size) ?? UNITS.at(-1)!;
  const count = Math.floor(ms / unit);
  return `${count} ${name}${count === 1 ? '' : 's'}`;
}
