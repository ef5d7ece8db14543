import type { Instant, Interval } from '#libs/domain';
import type { Db } from './database.js';

/** One interval of a place's history. */
export type HistoryItem = Interval;

type Row = Omit<Interval, 'from' | 'to'> & { from: Date | null; to: Date | null };

/** The intervals of a place, or of the one it is merged into, that begin after a time; undefined where there is no such place. */
export async function readHistory(db: Db, s: string, id: string, limit: number, after?: Instant): Promise<Interval[] | undefined> {
  const { rows } = await db.query<Row>(
    `select h."from", h."to", h.status, h.rule, h.holders, h.event_id as "eventId"
     from ${s}.location l
     left join lateral (
       select * from ${s}.state_history h
       where h.location_id = l.root_id and ($2::timestamptz is null or h."from" > $2) order by h."from" limit $3
     ) h on true
     where l.id = $1 order by h."from"`,
    [id, after ?? null, limit],
  );
  if (rows.length === 0) return undefined;
  return rows.flatMap(({ from, to, status, rule, holders, eventId }) =>
    from === null ? [] : [{ from: from.toISOString(), to: to && to.toISOString(), status, rule, holders, eventId }],
  );
}
