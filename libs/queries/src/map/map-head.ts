import type { Instant } from '#libs/domain';
import { matching, type LocationFilter } from '../place-filter.js';
import type { ReadTransaction } from '../read-models.js';

/** What every form of the map says first. */
export interface MapHead {
  asOf: Instant | null;
  knownAt: Instant | null;
  rulesetVersion: string;
  /** Places that match. */
  count: number;
  withoutCoordinates: number;
}

/** How many places match, and how many of them have no coordinates. */
export async function countPlaces(
  { db, schema, ruleset }: ReadTransaction,
  filter: LocationFilter,
): Promise<Pick<MapHead, 'count' | 'withoutCoordinates'>> {
  const where = matching(filter, ruleset);
  const { rows } = await db.query<Pick<MapHead, 'count' | 'withoutCoordinates'>>(
    `select count(*)::int as count, (count(*) filter (where l.lon is null))::int as "withoutCoordinates"
     from ${schema}.location_state f join ${schema}.location l on l.id = f.id where ${where.toString()}`,
    where.values,
  );
  return rows[0]!;
}
