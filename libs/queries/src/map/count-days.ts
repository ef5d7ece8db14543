import type { Instant, Status } from '#libs/domain';
import { isStored, shownSide, type ChangeFilter } from '../changes/list-changes.js';
import { Conditions } from '../conditions.js';
import { within } from '../place-filter.js';
import { Query, type QueryHandler } from '../query.js';
import type { ReadModels, ReadTransaction } from '../read-models.js';
import { Words } from './columns.js';
import { allChanges, type ChangesOptions } from './get-map-changes.js';
import { readVersion, type ModelsVersion } from './models-version.js';
import type { TooMany } from './states-at.js';

/** Changes counted by day (UTC), the days without any left out. */
export interface MapDays {
  knownAt: Instant | null;
  rulesetVersion: string;
  count: number;
  /** The day of the first change, as a date; null where there is none. */
  first: string | null;
  statuses: Status[];
  columns: {
    /** Days since the first. */
    day: number[];
    count: number[];
    /** For each of `statuses`, the changes of each day to it. */
    status: number[][];
  };
}

/** How many changes there were each day. */
export class CountDays extends Query<{ version: ModelsVersion; days: MapDays } | TooMany> {
  constructor(
    readonly filter: ChangeFilter,
    readonly knownAt: Instant | null,
    readonly options: ChangesOptions,
  ) {
    super();
  }
}

export class CountDaysHandler implements QueryHandler<CountDays> {
  constructor(private readonly models: ReadModels) {}

  execute({ filter, knownAt, options }: CountDays) {
    return this.models.read(async (tx) => {
      const version = await readVersion(tx);
      const counts = isStored(tx, knownAt)
        ? await readCounts(tx, filter)
        : await foldedCounts(tx, filter, knownAt, options);
      if (counts === 'too-many') return counts;
      const { rulesetVersion } = version;
      return { version, days: { knownAt, rulesetVersion, ...columnsOf(counts) } };
    }, options.ruleset);
  }
}

/** Changes to a status on a day, in days since 1970. */
interface DayCount {
  day: number;
  status: Status;
  count: number;
}

async function readCounts(
  { db, schema, ruleset }: ReadTransaction,
  { from, to, status, side, bbox }: ChangeFilter,
): Promise<DayCount[]> {
  const before = `from ${schema}.state_history p where p.location_id = h.location_id and p."from" < h."from"`;
  const where = new Conditions()
    // The first status of a place is a change, unless it is still unclaimed.
    .and(`(h.status <> 'unclaimed' or exists (select ${before}))`)
    .given(from, (at) => `h."from" >= ${at}::timestamptz`)
    .given(to, (at) => `h."from" <= ${at}::timestamptz`)
    .given(status, (any) => `h.status = any(${any}::text[])`)
    .given(
      side === undefined ? undefined : shownSide(side, ruleset),
      (holder) =>
        `(${holder} = any(h.holders)
          or ${holder} = any(array(select unnest(p.holders) from (select p.holders ${before} order by p."from" desc limit 1) p)))`,
    );
  const join = bbox ? `join ${schema}.location l on l.id = h.location_id` : '';
  within(where, bbox);
  const { rows } = await db.query<DayCount>(
    `select (h."from" at time zone 'UTC')::date - date '1970-01-01' as day, h.status, count(*)::int as count
     from ${schema}.state_history h ${join} where ${where.toString()} group by 1, 2 order by 1, 2`,
    where.values,
  );
  return rows;
}

const DAY_MS = 86_400_000;

async function foldedCounts(
  ...question: [ReadTransaction, ChangeFilter, Instant | null, ChangesOptions]
): Promise<DayCount[] | TooMany> {
  const changes = await allChanges(...question);
  return changes === 'too-many'
    ? changes
    : changes.map(({ at, to }) => ({
        day: Math.floor(Date.parse(at) / DAY_MS),
        status: to.status,
        count: 1,
      }));
}

/** @param counts by day; a status may occur several times a day */
function columnsOf(counts: readonly DayCount[]): Omit<MapDays, 'knownAt' | 'rulesetVersion'> {
  const statuses = new Words();
  const days = new Map<number, number[]>();
  for (const { day, status, count } of counts) {
    const found = days.get(day) ?? [];
    days.set(day, found);
    const number = statuses.of(status);
    found[number] = (found[number] ?? 0) + count;
  }
  const first = counts[0]?.day ?? null;
  const all = [...days.values()].map((found) => statuses.values.map((_, status) => found[status] ?? 0));
  const count = all.map((ofDay) => ofDay.reduce((sum, one) => sum + one, 0));
  return {
    count: count.reduce((sum, one) => sum + one, 0),
    first: first === null ? null : new Date(first * DAY_MS).toISOString().slice(0, 10),
    statuses: statuses.values as Status[],
    columns: {
      day: [...days.keys()].map((day) => day - first!),
      count,
      status: statuses.values.map((_, status) => all.map((ofDay) => ofDay[status]!)),
    },
  };
}
