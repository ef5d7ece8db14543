import { TimeSlice } from '#libs/concurrency';
import { locationState, type BitemporalPoint, type LocationId, type LocationState } from '#libs/domain';
import { PageCursors, type CursorInvalid, type Page, type PageRequest } from '../page.js';
import { matches, type LocationFilter } from '../place-filter.js';
import type { ReadTransaction } from '../read-models.js';
import { readPlaceLookup } from './place-history.js';
import { isFilterableInSql, readPlacesAsOf, readPlacesKnown, type PastPlace } from './places-as-of.js';
import { readPlacesAt, stateAt } from './state-as-of.js';

/** The most places that one page passes. */
export const MAX_FOLDED_PLACES = 1000;
/** The number of places whose statements are in memory at once. */
export const FOLD_BATCH = 100;

/** The question for a list of the past. */
export const pastQuestion = (filter: LocationFilter, point: BitemporalPoint, ruleset?: string): object => ({
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
  tx: ReadTransaction,
  filter: LocationFilter,
  point: BitemporalPoint,
  { limit, cursor }: PageRequest,
): Promise<Page<string> | CursorInvalid> {
  const { ruleset, requested, isOwn } = tx;
  const cursors = new PageCursors(pastQuestion(filter, point, requested), ['string']);
  const after = cursor === undefined ? [''] : cursors.read(cursor);
  if (after === 'cursor-invalid') return after;

  // Statuses in the tables are of their own ruleset.
  const selected = isOwn ? filter : { ...filter, status: undefined };
  const most =
    selected.status === filter.status && isFilterableInSql(filter, point)
      ? Math.min(limit + 1, MAX_FOLDED_PLACES)
      : MAX_FOLDED_PLACES;
  const found = await readPlaces(tx, selected, point, after[0] as LocationId, most + 1);
  const places = found.slice(0, most);
  const portions = Array.from({ length: Math.ceil(places.length / FOLD_BATCH) }, (_, at) =>
    places.slice(at * FOLD_BATCH, (at + 1) * FOLD_BATCH),
  );
  const read = (portion: readonly PastPlace[] | undefined): Promise<States> | undefined =>
    portion && statesOf(tx, portion, point);
  const items: string[] = [];
  let last = after[0] as LocationId;
  let coming = read(portions[0]);
  const slice = new TimeSlice();
  for (let at = 0; coming; at++) {
    const states = await coming;
    // If the page has room beyond these, the database reads the next ones while these are folded.
    const ahead = items.length + states.length <= limit ? read(portions[at + 1]) : undefined;
    ahead?.catch(() => {});
    for (const [id, readPlace] of states) {
      const stateOf = readPlace();
      // Of a long timeline each step takes long.
      if (slice.isOver()) await slice.rest();
      const state = stateOf?.();
      if (state && matches(state, filter, ruleset)) {
        if (items.length === limit) return { items, nextCursor: cursors.after([last]) };
        items.push(JSON.stringify(state));
      }
      last = id;
      if (slice.isOver()) await slice.rest();
    }
    coming = ahead ?? read(portions[at + 1]);
  }
  return { items, nextCursor: found.length > most ? cursors.after([last]) : null };
}

async function readPlaces(
  tx: ReadTransaction,
  filter: LocationFilter,
  { asOf = null, knownAt }: BitemporalPoint,
  after: LocationId,
  most: number,
): Promise<PastPlace[]> {
  if (knownAt) return readPlacesKnown(tx, filter, knownAt, after, most);
  return (await readPlacesAsOf(tx, filter, asOf, after, most)).map((id) => ({
    id,
    isSame: true,
    mayMatch: true,
  }));
}

/** Places, each with what reads its history and then folds it; undefined for one that was not a place of its own then, or cannot match. */
type States = [id: LocationId, readPlace: () => (() => LocationState) | undefined][];

async function statesOf(
  tx: ReadTransaction,
  places: readonly PastPlace[],
  point: BitemporalPoint,
): Promise<States> {
  const { ruleset, isOwn } = tx;
  const same = places.filter(({ isSame, mayMatch }) => isSame && mayMatch).map(({ id }) => id);
  const changed = places.filter(({ isSame }) => !isSame).map(({ id }) => id);
  const found = await readPlacesAt(tx, same, point.asOf ?? null);
  const look = await readPlaceLookup(tx, changed, point.knownAt);
  return places.map(({ id, isSame }) => [
    id,
    () => {
      const place = found.get(id)?.();
      if (place) return () => stateAt({ ...place, ...(!isOwn && { interval: undefined }) }, ruleset, point);
      const history = isSame ? undefined : look(id);
      return history?.places[0].id === id ? () => locationState(history, ruleset, point).state : undefined;
    },
  ]);
}
