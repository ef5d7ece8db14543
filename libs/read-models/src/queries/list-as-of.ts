import {
  compare,
  locationState,
  type PlaceHistory,
  type Instant,
  type LocationId,
  type LocationState,
  type Ruleset,
  type BitemporalPoint,
} from '#libs/domain';
import type { Chosen } from '../freshness/basis.js';
import type { Db } from '../tables/database.js';
import type { LocationFilter } from './location-list.js';
import { readComponents, readFirstStatement, readTimelines } from '../tables/location-rows.js';
import { readMoments, stateAt } from '../as-of/state-as-of.js';
import { PageCursors, type CursorInvalid, type Page, type PageRequest } from '../tables/page.js';
import { isFilterableInSql, readPlacesAsOf, readPlacesKnown, type PastPlace } from './places-as-of.js';
import { placeLookup, type PlaceLookup } from '../tables/register-entries.js';
import { matchesSearch } from '../tables/search-text.js';
import { flagTag, holderTag, statusTag, tagsOf } from '../tables/tags.js';

// Answers for any other bitemporal point than now are folded on demand.

/** Everything known about a place at a time; a merge that was undone later counts while it was known. */
export async function readPlaceHistory(
  db: Db,
  schema: string,
  id: string,
  { knownAt }: BitemporalPoint,
): Promise<PlaceHistory | undefined> {
  const place = id as LocationId;
  return (await readPlaceLookup(db, schema, [place], knownAt))(place);
}

/** Any places, as known at a time. */
export async function readPlaceLookup(
  db: Db,
  schema: string,
  ids: readonly LocationId[],
  knownAt?: Instant | null,
): Promise<PlaceLookup> {
  const rows = await readComponents(db, schema, ids);
  return placeLookup(
    rows,
    await readTimelines(
      db,
      schema,
      rows.map(({ id }) => id),
      knownAt,
    ),
    knownAt,
  );
}

/** The place `id`, or the one it was merged into by then, with those merged into it; undefined if it was not known. */
export async function readMembersAt(
  db: Db,
  schema: string,
  id: string,
  knownAt: Instant,
): Promise<LocationId[] | undefined> {
  const rows = await readComponents(db, schema, [id as LocationId]);
  const look = placeLookup(
    rows,
    await readFirstStatement(
      db,
      schema,
      rows.map((row) => row.id),
      knownAt,
    ),
    knownAt,
  );
  return look(id as LocationId)?.places.map((place) => place.id);
}

/** The most places that one page passes. */
export const MAX_FOLDED_PLACES = 1000;
/** The number of places whose statements are in memory at once. */
export const FOLD_BATCH = 100;

/** The question for a list of the past. */
export const pastAsked = (filter: LocationFilter, point: BitemporalPoint, ruleset?: string): object => ({
  list: 'past',
  ...filter,
  ...point,
  ruleset,
});

/**
 * States of places at a bitemporal point, by id. A page folds at most 1,000 places: it may be short, even empty, while there are
 * more. The tables rule places out first; with `knownAt` such places still count for the page, because the tables may not
 * be able to rule out the same place tomorrow.
 */
export async function listPast(
  db: Db,
  schema: string,
  { ruleset, asked, isOwn }: Chosen,
  filter: LocationFilter,
  point: BitemporalPoint,
  { limit, cursor }: PageRequest,
): Promise<Page<string> | CursorInvalid> {
  const cursors = new PageCursors(pastAsked(filter, point, asked), ['string']);
  const after = cursor === undefined ? [''] : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  // Statuses in the tables are of their own ruleset.
  const selected = isOwn ? filter : { ...filter, status: undefined };
  const most =
    selected.status === filter.status && isFilterableInSql(filter, point)
      ? Math.min(limit + 1, MAX_FOLDED_PLACES)
      : MAX_FOLDED_PLACES;
  const found = await readPlaces(db, schema, selected, point, after[0] as LocationId, most + 1);
  const places = found.slice(0, most);
  const portions = Array.from({ length: Math.ceil(places.length / FOLD_BATCH) }, (_, at) =>
    places.slice(at * FOLD_BATCH, (at + 1) * FOLD_BATCH),
  );
  const read = (portion: readonly PastPlace[] | undefined): Promise<States> | undefined =>
    portion && statesOf(db, schema, ruleset, isOwn, portion, point);
  const items: string[] = [];
  let last = after[0] as LocationId;
  let coming = read(portions[0]);
  for (let at = 0; coming; at++) {
    const states = await coming;
    // If the page has room beyond these, the database reads the next ones while these are folded.
    const ahead = items.length + states.length <= limit ? read(portions[at + 1]) : undefined;
    ahead?.catch(() => {});
    for (const [id, stateOf] of states) {
      const state = stateOf();
      if (state && matches(state, filter, ruleset)) {
        if (items.length === limit) return { items, nextCursor: cursors.after([last]) };
        items.push(JSON.stringify(state));
      }
      last = id;
    }
    coming = ahead ?? read(portions[at + 1]);
  }
  return { items, nextCursor: found.length > most ? cursors.after([last]) : null };
}

async function readPlaces(
  db: Db,
  schema: string,
  filter: LocationFilter,
  { asOf = null, knownAt }: BitemporalPoint,
  after: LocationId,
  most: number,
): Promise<PastPlace[]> {
  if (knownAt) return readPlacesKnown(db, schema, filter, knownAt, after, most);
  return (await readPlacesAsOf(db, schema, filter, asOf, after, most)).map((id) => ({
    id,
    isSame: true,
    mayMatch: true,
  }));
}

/** Places, each with its fold; undefined for one that was not a place of its own then, or cannot match. */
type States = [id: LocationId, stateOf: () => LocationState | undefined][];

async function statesOf(
  db: Db,
  schema: string,
  ruleset: Ruleset,
  isOwn: boolean,
  places: readonly PastPlace[],
  point: BitemporalPoint,
): Promise<States> {
  const moments = await readMoments(
    db,
    schema,
    places.filter(({ isSame, mayMatch }) => isSame && mayMatch).map(({ id }) => id),
    point.asOf ?? null,
  );
  const look = await readPlaceLookup(
    db,
    schema,
    places.filter(({ isSame }) => !isSame).map(({ id }) => id),
    point.knownAt,
  );
  return places.map(({ id, isSame }) => [
    id,
    () => {
      const moment = moments.get(id);
      if (moment) return stateAt({ ...moment(), ...(!isOwn && { interval: undefined }) }, ruleset, point);
      const history = isSame ? undefined : look(id);
      return history?.places[0].id === id ? locationState(history, ruleset, point).state : undefined;
    },
  ]);
}

/** The conditions of the list of present states, applied to a state. */
export function matches(
  state: LocationState,
  { status, side, flag, q, bbox, changedSince }: LocationFilter,
  ruleset: Ruleset,
): boolean {
  const tags = tagsOf(state, ruleset);
  return (
    (!status || status.some((one) => tags.includes(statusTag(one)))) &&
    (side === undefined || tags.includes(holderTag(side, ruleset))) &&
    (!flag || tags.includes(flagTag(flag))) &&
    (q === undefined || matchesSearch([state.name, ...state.names.map(({ name }) => name)], q)) &&
    (!bbox || isWithin(state.coordinates, bbox)) &&
    (!changedSince || (state.lastRecordedAt !== null && compare(state.lastRecordedAt, changedSince) >= 0))
  );
}

/** Whether a point is in a box. */
export function isWithin(
  coordinates: LocationState['coordinates'],
  [west, south, east, north]: NonNullable<LocationFilter['bbox']>,
): boolean {
  if (!coordinates) return false;
  const [lon, lat] = coordinates;
  const across = west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
  return across && lat >= south && lat <= north;
}
