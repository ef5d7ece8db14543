import type { Instant, Interval, BitemporalPoint } from '#libs/domain';
import type { Basis } from '../freshness/basis.js';
import type { Db } from '../tables/database.js';

/** One interval of a place's history. */
export type HistoryItem = Interval;

/** Intervals, and their basis. */
export interface HistoryFound {
  intervals: Interval[];
  basis: Basis;
}

/** The question for a history. */
export const historyAsked = (
  id: string,
  { asOf = null, knownAt = null }: BitemporalPoint,
  ruleset?: string,
): object => ({ list: 'history', id, asOf, knownAt, ruleset });

type IntervalRow = Omit<Interval, 'from' | 'to'> & {
  from: Date | null;
  to: Date | null;
  recordedAt: Date;
  ruleset: string;
};

/** The intervals of a place, or of the one it is merged into, that begin after a time; undefined if there is no such place. */
export async function readHistory(
  db: Db,
  schema: string,
  id: string,
  limit: number,
  after?: Instant,
): Promise<HistoryFound | undefined> {
  const { rows } = await db.query<IntervalRow>(
    `select h."from", h."to", h.status, h.rule, h.holders, h.event_id as "eventId",
       f.last_recorded_at as "recordedAt", (select ruleset_version from ${schema}.generation) as ruleset
     from ${schema}.location l
     join ${schema}.location_state f on f.id = l.root_id
     left join lateral (
       select * from ${schema}.state_history h
       where h.location_id = l.root_id and ($2::timestamptz is null or h."from" > $2) order by h."from" limit $3
     ) h on true
     where l.id = $1 order by h."from"`,
    [id, after ?? null, limit],
  );
  const [first] = rows;
  if (!first) return undefined;
  const intervals = rows.flatMap(({ from, to, status, rule, holders, eventId }) =>
    from === null
      ? []
      : [{ from: from.toISOString(), to: to && to.toISOString(), status, rule, holders, eventId }],
  );
  return { intervals, basis: { ruleset: first.ruleset, recordedAt: first.recordedAt.toISOString() } };
}
