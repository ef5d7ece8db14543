import {
  applyToPlace,
  compare,
  placesOf,
  unregistered,
  type PlaceHistory,
  type Instant,
  type LocationId,
  type Place,
  type RegisterEvent,
  type RecordedStatement,
  type PlaceChange,
} from '#libs/domain';
import { groupBy } from './group-by.js';

/** An event of the register, kept in the rows of the places that it touched: enough to fold the place as of any time. */
export type RegisterEntry = Pick<RegisterEvent, 'type' | 'data'> & PlaceChange;

/** A place as a row keeps it. */
export interface Registered {
  id: LocationId;
  register: readonly RegisterEntry[];
}

export const entryOf = ({
  type,
  data,
  shard,
  position,
  recordedAt,
}: RegisterEvent & PlaceChange): RegisterEntry => ({ type, data, shard, position, recordedAt });

/** The places that an entry merges or unmerges; one place for other entries. */
export const partnersOf = (entry: RegisterEntry): LocationId[] => placesOf(entry as unknown as RegisterEvent);

/** The place by its own entries, as known at a time. */
export function placeOf({ id, register }: Registered, knownAt?: Instant | null): Place {
  return register
    .filter((entry) => !knownAt || entry.recordedAt <= knownAt)
    .reduce((place, entry) => applyToPlace(place, entry as unknown as RegisterEvent), unregistered(id));
}

/** The root of each of some places: itself, or the place it is finally merged into. */
export function rootsOf(places: readonly Place[]): Map<LocationId, LocationId> {
  const into = new Map(places.map(({ id, mergedInto }) => [id, mergedInto]));
  const rootOf = (id: LocationId): LocationId => {
    const next = into.get(id);
    return next ? rootOf(next) : id;
  };
  return new Map(places.map(({ id }) => [id, rootOf(id)]));
}

/** The statements about a place, by the place that they were recorded on. */
export type Timelines = (id: LocationId) => RecordedStatement[];

/** Everything about a place, or undefined if it is not known at a time: neither registered, nor merged, nor mentioned. */
export type PlaceLookup = (id: LocationId) => PlaceHistory | undefined;

/**
 * Places as known at a time, each with those that are merged into it.
 * @param rows places together with all places ever merged with them, in either direction
 */
export function placeLookup(
  rows: readonly Registered[],
  timelines: Timelines,
  knownAt?: Instant | null,
): PlaceLookup {
  const isKnown = ({ recordedAt }: { recordedAt: Instant }) => !knownAt || recordedAt <= knownAt;
  const byId = new Map(rows.map((row) => [row.id, row]));
  const places = new Map(rows.map((row) => [row.id, placeOf(row, knownAt)]));
  const roots = rootsOf([...places.values()]);
  const members = groupBy(rows, ({ id }) => roots.get(id)!);
  return (id) => {
    // A row exists because an event touched the place.
    const row = byId.get(id);
    if (!row || (knownAt && !row.register.some(isKnown) && !timelines(id).some(isKnown))) return undefined;
    const root = roots.get(id)!;
    const all = members.get(root)!;
    const merged = all
      .filter((row) => row.id !== root)
      .toSorted((a, b) => firstOf(a) - firstOf(b) || compare(a.id, b.id));
    return {
      places: [places.get(root) ?? unregistered(root), ...merged.map((row) => places.get(row.id)!)],
      touches: all.flatMap(({ register }) => register).filter(isKnown),
      // The timeline of a single place is not copied: it may be long.
      timeline: all.length === 1 ? timelines(all[0]!.id) : all.flatMap(({ id }) => timelines(id)),
    };
  };
}

/** The position of the register's first event about the place itself: the order in which places are shown. */
const firstOf = ({ id, register }: Registered): number =>
  register.find(({ data }) => data.locationId === id)?.position ?? 0;
