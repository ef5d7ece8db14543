import type { Instant, LocationId, BitemporalPoint } from '#libs/domain';
import { Conditions } from '../conditions.js';
import { withinOnce, type LocationFilter } from '../place-filter.js';
import type { ReadTransaction } from '../read-models.js';

// The places that a list of the past has to fold, in the order of ids, without those that the tables can rule out.

/**
 * Whether the tables can decide a filter. Sides, flags, names and regions as of a time, and anything as known at a time, need
 * folding.
 */
export const isFilterableInSql = (
  { side, flag, q, region }: LocationFilter,
  { knownAt }: BitemporalPoint,
): boolean => !knownAt && [side, flag, q, region].every((one) => one === undefined);

/** The ids of places after one, in order, without those that cannot match as of a time. Names, positions and merges are as now. */
export async function readPlacesAsOf(
  { db, schema }: ReadTransaction,
  { status, bbox, changedSince }: LocationFilter,
  asOf: Instant | null,
  after: LocationId,
  limit: number,
): Promise<LocationId[]> {
  const where = new Conditions();
  const [id, most] = [where.value(after), where.value(limit)];
  const interval = () => {
    const moment = where.value(asOf ?? 'infinity');
    return `h."from" <= ${moment}::timestamptz and (h."to" is null or h."to" > ${moment}::timestamptz)`;
  };
  withinOnce(where, bbox).given(changedSince, (at) => `f.last_recorded_at >= ${at}::timestamptz`);
  const query = async (text: string) =>
    (await db.query<{ id: LocationId }>(text, where.values)).rows.map((row) => row.id);
  if (status && !status.includes('unclaimed') && !bbox)
    // Each status in the order of ids, then merged, so that a rare one is found at once.
    return query(`select l.id from unnest(${where.value([...new Set(status)])}::text[]) q (status)
      cross join lateral (
        select h.location_id as id from ${schema}.state_history h join ${schema}.location_state f on f.id = h.location_id
        where h.status = q.status and h.location_id > ${id} and ${interval()} and ${where.toString()}
        order by h.location_id limit ${most}
      ) l order by l.id limit ${most}`);
  // Before the first statement a place is unclaimed, and has no interval.
  if (status?.includes('unclaimed'))
    where.and(
      `not exists (
         select from ${schema}.state_history h
         where h.location_id = l.id and ${interval()} and h.status <> all(${where.value(status)}::text[])
       )`,
    );
  else
    where.given(
      status,
      (any) =>
        `exists (
           select from ${schema}.state_history h
           where h.location_id = l.id and ${interval()} and h.status = any(${any}::text[])
         )`,
    );
  return query(
    `select l.id from ${schema}.location_state f join ${schema}.location l on l.id = f.id
     where l.id > ${id} and ${where.toString()} order by l.id limit ${most}`,
  );
}

/** A place that a list of the past passes. */
export interface PastPlace {
  id: LocationId;
  /** No event was recorded since, so it is as in the tables. */
  isSame: boolean;
  /** The tables cannot rule it out. */
  mayMatch: boolean;
}

/**
 * The places after one that were known at a time, in order. The tables can rule out places without later events; for the
 * others only folding shows where they were, and whether they were places of their own. All are listed, so that a page of
 * `limit` places always ends at the same place, whatever was recorded since.
 */
export async function readPlacesKnown(
  { db, schema }: ReadTransaction,
  { bbox, changedSince }: LocationFilter,
  knownAt: Instant,
  after: LocationId,
  limit: number,
): Promise<PastPlace[]> {
  const where = new Conditions();
  const known = `${where.value(knownAt)}::timestamptz`;
  const same = `coalesce(f.last_recorded_at <= ${known}, false)`;
  const conditions = withinOnce(new Conditions(where.values), bbox).given(
    changedSince,
    (at) => `f.last_recorded_at >= ${at}::timestamptz`,
  );
  const { rows } = await db.query<PastPlace>(
    // The key alone skips places that became known later.
    `with page as materialized (
       select id from ${schema}.location
       where first_recorded_at <= ${known} and id > ${where.value(after)} order by id limit ${where.value(limit)}
     )
     select l.id, ${same} as "isSame", (not ${same} or ${conditions.toString()}) is true as "mayMatch"
     from page join ${schema}.location l on l.id = page.id left join ${schema}.location_state f on f.id = l.id order by l.id`,
    where.values,
  );
  return rows;
}
