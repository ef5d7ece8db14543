import type { Instant, LocationId, PlaceHistory } from '#libs/domain';
import { placeLookup, readComponents, readTimelines, type PlaceLookup } from '#libs/projection';
import type { ReadTransaction } from '../read-models.js';

/** Everything known about a place at a time; a merge that was undone later counts while it was known. */
export async function readPlaceHistory(
  tx: ReadTransaction,
  id: string,
  knownAt?: Instant | null,
): Promise<PlaceHistory | undefined> {
  const place = id as LocationId;
  return (await readPlaceLookup(tx, [place], knownAt))(place);
}

/** Any places, as known at a time. */
export async function readPlaceLookup(
  { db, schema }: ReadTransaction,
  ids: readonly LocationId[],
  knownAt?: Instant | null,
): Promise<PlaceLookup> {
  const rows = await readComponents(db, schema, ids);
  const members = rows.map(({ id }) => id);
  return placeLookup(rows, await readTimelines(db, schema, members, knownAt), knownAt);
}
