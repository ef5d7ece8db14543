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
import {
  type Db,
  readComponents,
  readFirstStatement,
  readTimelines,
  placeLookup,
  type PlaceLookup,
  matchesSearch,
  flagTag,
  holderTag,
  statusTag,
  tagsOf,
} from '#libs/projection';
import type { LocationFilter } from '../places/location-list.js';
import { readMoments, stateAt } from './state-as-of.js';
import { Cursors, type CursorInvalid, type Page, type PageRequest } from '../page.js';
import { isFilterableInSql, readPlacesAsOf, readPlacesKnown, type PastPlace } from './places-as-of.js';

// Answers for any other vantage than now are folded on demand.

/** Everything known about a place at a time; a merge that was undone later counts while it was known. */
export async function readPlaceHistory(
  db: Db,
  s: string,
  id: string,
  { knownAt }: BitemporalPoint,
): Promise<PlaceHistory | undefined> {
  const place = id as LocationId;
  return (await readPlaceLookup(db, s, [place], knownAt))(place);
}

/** Any places, as known at a time. */
export async function readPlaceLookup(
  db: Db,
  s: string,
  ids: readonly LocationId[],
  knownAt?: Instant | null,
): Promise<PlaceLookup> {
  const rows = await readComponents(db, s, ids);
  return placeLookup(
    rows,
    await readTimelines(
      db,
      s,
      rows.map(({ id }) => id),
      knownAt,
    ),
    knownAt,
  );
}

/** The place `id`, or the one it was merged into by then, with those merged into it; undefined if it was not known. */
export async function readMembersAt(
  db: Db,
  s: string,
  id: string,
  knownAt: Instant,
): Promise<LocationId[] | undefined> {
  const rows = await readComponents(db, s, [id as LocationId]);
  const look = placeLookup(
    rows,
    await readFirstStatement(
      db,
      s,
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
 * States of places at a vantage, by id. A page folds at most 1,000 places: it may be short, even empty, while there are
 * more. The tables rule places out first; with `knownAt` such places still count for the page, because the tables may not
 * be able to rule out the same place tomorrow.
 */
export async function listPast(
  db: Db,
  s: string,
  { ruleset, asked, isOwn }: Chosen,
  filter: LocationFilter,
  point: BitemporalPoint,
  { limit, cursor }: PageRequest,
): Promise<Page<string> | CursorInvalid> {
  const cursors = new Cursors(pastAsked(filter, point, asked), ['string']);
  const after = cursor === undefined ? [''] : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  // Statuses in the tables are of their own ruleset.
  const told = isOwn ? filter : { ...filter, status: undefined };
  const most =
    told.status === filter.status && isFilterableInSql(filter, point)
      ? Math.min(limit + 1, MAX_FOLDED_PLACES)
      : MAX_FOLDED_PLACES;
  const found = await readPlaces(db, s, told, point, after[0] as LocationId, most + 1);
  const places = found.slice(0, most);
  const portions = Array.from({ length: Math.ceil(places.length / FOLD_BATCH) }, (_, at) =>
    places.slice(at * FOLD_BATCH, (at + 1) * FOLD_BATCH),
  );
  const read = (portion: readonly PastPlace[] | undefined): Promise<States> | undefined =>
    portion && statesOf(db, s, ruleset, isOwn, portion, point);
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
  s: string,
  filter: LocationFilter,
  { asOf = null, knownAt }: BitemporalPoint,
  after: LocationId,
  most: number,
): Promise<PastPlace[]> {
  if (knownAt) return readPlacesKnown(db, s, filter, knownAt, after, most);
  return (await readPlacesAsOf(db, s, filter, asOf, after, most)).map((id) => ({
    id,
    isSame: true,
    mayMatch: true,
  }));
}

/** Places, each with its fold; undefined for one that was not a place of its own then, or cannot match. */
type States = [id: LocationId, stateOf: () => LocationState | undefined][];

async function statesOf(
  db: Db,
  s: string,
  ruleset: Ruleset,
  isOwn: boolean,
  places: readonly PastPlace[],
  point: BitemporalPoint,
): Promise<States> {
  const moments = await readMoments(
    db,
    s,
    places.filter(({ isSame, mayMatch }) => isSame && mayMatch).map(({ id }) => id),
    point.asOf ?? null,
  );
  const look = await readPlaceLookup(
    db,
    s,
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
