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

/** An event of the register as the rows of the places that it touched keep it: enough to fold the place as of any time. */
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

/** The places that an entry joins or parts; one place for other entries. */
export const partnersOf = (entry: RegisterEntry): LocationId[] => placesOf(entry as unknown as RegisterEvent);

/** The place by its own entries, as far as they are known by then. */
export function placeOf({ id, register }: Registered, knownAt?: Instant | null): Place {
  return register
    .filter((entry) => !knownAt || entry.recordedAt <= knownAt)
    .reduce((place, entry) => applyToPlace(place, entry as unknown as RegisterEvent), unregistered(id));
}

/** Which place each of some places belongs to, itself or the one it is merged into in the end. */
export function rootsOf(places: readonly Place[]): Map<LocationId, LocationId> {
  const into = new Map(places.map(({ id, mergedInto }) => [id, mergedInto]));
  const rootOf = (id: LocationId): LocationId => {
    const next = into.get(id);
    return next ? rootOf(next) : id;
  };
  return new Map(places.map(({ id }) => [id, rootOf(id)]));
}

/** What was said about a place, by the place that it was recorded on. */
export type Timelines = (id: LocationId) => Said[];

/** Everything about a place, or undefined where it is not known by then: neither registered, nor merged with, nor mentioned. */
export type Look = (id: LocationId) => Dossier | undefined;

/**
 * Places as far as they are known by then, each with those that are merged into it.
 * @param rows places together with all that were ever merged with them, one way or the other
 */
export function atlas(rows: readonly Registered[], timelines: Timelines, knownAt?: Instant | null): Look {
  const isKnown = ({ recordedAt }: { recordedAt: Instant }) => !knownAt || recordedAt <= knownAt;
  const byId = new Map(rows.map((row) => [row.id, row]));
  const places = new Map(rows.map((row) => [row.id, placeOf(row, knownAt)]));
  const roots = rootsOf([...places.values()]);
  const members = grouped(rows, ({ id }) => roots.get(id)!);
  return (id) => {
    // A row is there because something touched the place.
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
      // Not copied where it is one place's alone: it may be long.
      timeline: all.length === 1 ? timelines(all[0]!.id) : all.flatMap(({ id }) => timelines(id)),
    };
  };
}

/** Where the register first speaks about the place itself: places are shown in that order. */
const firstOf = ({ id, register }: Registered): number =>
  register.find(({ data }) => data.locationId === id)?.position ?? 0;
