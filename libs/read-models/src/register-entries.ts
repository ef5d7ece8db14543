import {
  applyToPlace,
  compare,
  placesOf,
  unregistered,
  type Dossier,
  type Instant,
  type LocationId,
  type Place,
  type RegisterEvent,
  type Said,
  type Touch,
} from '#libs/domain';
import { grouped } from './grouped.js';

/** An event of the register, kept in the rows of the places that it touched: enough to fold the place as of any time. */
export type RegisterEntry = Pick<RegisterEvent, 'type' | 'data'> & Touch;

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
}: RegisterEvent & Touch): RegisterEntry => ({ type, data, shard, position, recordedAt });

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
export type Timelines = (id: LocationId) => Said[];

/** Everything about a place, or undefined if it is not known at a time: neither registered, nor merged, nor mentioned. */
export type Look = (id: LocationId) => Dossier | undefined;

/**
 * Places as known at a time, each with those that are merged into it.
 * @param rows places together with all places ever merged with them, in either direction
 */
export function atlas(rows: readonly Registered[], timelines: Timelines, knownAt?: Instant | null): Look {
  const isKnown = ({ recordedAt }: { recordedAt: Instant }) => !knownAt || recordedAt <= knownAt;
  const byId = new Map(rows.map((row) => [row.id, row]));
  const places = new Map(rows.map((row) => [row.id, placeOf(row, knownAt)]));
  const roots = rootsOf([...places.values()]);
  const members = grouped(rows, ({ id }) => roots.get(id)!);
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
