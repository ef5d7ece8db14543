import {
  isOperation,
  isRegister,
  type ChainedLogPosition,
  type EventData,
  type NewEvent,
  type RegisterEvent,
  type Toponym,
} from '../events/events.js';
import type { LocationId } from '../values/identity.js';
import type { Coordinates, PlaceCode } from '../statement/place-reference.js';

/** The last event of the register that touched a place. */
export type PlaceChange = Pick<ChainedLogPosition, 'shard' | 'position' | 'recordedAt'>;

/** A place as the register knows it. A place that only statements name is provisional, not registered. */
export interface Place {
  id: LocationId;
  registered: boolean;
  /** The first is the one shown. No two have the same name and language. */
  names: Toponym[];
  /** Its ids in other registers. */
  codes: PlaceCode[];
  coordinates: Coordinates | null;
  /** The countries that it is said to be in; the first is the one shown alone. */
  countries: string[];
  region: string | null;
  within: LocationId | null;
  mergedInto: LocationId | null;
}

export const unregistered = (id: LocationId): Place => ({
  id,
  registered: false,
  names: [],
  codes: [],
  coordinates: null,
  countries: [],
  region: null,
  within: null,
  mergedInto: null,
});

/** The places whose states an event changes: its own, and the other one of a merge. An operation changes none. */
export function placesOf(event: NewEvent): LocationId[] {
  if (isOperation(event)) return [];
  if (!isRegister(event)) return [event.stream as LocationId];
  const { data } = event;
  if ('into' in data) return [data.locationId, data.into];
  if ('from' in data) return [data.locationId, data.from];
  return [data.locationId];
}

/** The place after an event of the register; events come in the register's order. The place given is not changed. */
export function applyToPlace(place: Place, event: RegisterEvent): Place {
  if (event.data.locationId !== place.id) return place;
  switch (event.type) {
    case 'location.registered': {
      const { names, codes = [], coordinates, country, countries, region, within } = event.data;
      return {
        ...place,
        registered: true,
        names: names.reduce(withName, place.names),
        codes: codes.reduce(withCode, place.codes),
        coordinates: coordinates ?? place.coordinates,
        countries: countries ?? (country === undefined ? [] : [country]),
        region: region ?? null,
        within: within ?? null,
      };
    }
    case 'location.name-added':
      return { ...place, names: withName(place.names, event.data) };
    case 'location.name-removed': {
      const { name } = event.data;
      return { ...place, names: place.names.filter((one) => one.name !== name) };
    }
    case 'location.code-added':
      return { ...place, codes: withCode(place.codes, event.data) };
    case 'location.code-removed': {
      const removed = event.data;
      return { ...place, codes: place.codes.filter((one) => !isSameCode(one, removed)) };
    }
    case 'location.positioned':
      return { ...place, coordinates: event.data.coordinates };
    case 'location.merged':
      return { ...place, mergedInto: event.data.into };
    case 'location.unmerged':
      return { ...place, mergedInto: null };
    default:
      return never(event);
  }
}

/** A name given again, in the same language, replaces its script and kind. */
function withName(
  names: Toponym[],
  { name, language, script, kind }: Toponym | EventData['location.name-added'],
): Toponym[] {
  const added: Toponym = {
    name,
    ...(language && { language }),
    ...(script && { script }),
    ...(kind && { kind }),
  };
  const at = names.findIndex((one) => isSameName(one, added));
  return at < 0 ? [...names, added] : names.with(at, added);
}

const withCode = (codes: PlaceCode[], { scheme, value }: PlaceCode): PlaceCode[] =>
  codes.some((one) => isSameCode(one, { scheme, value })) ? codes : [...codes, { scheme, value }];

export const isSameCode = (a: PlaceCode, b: PlaceCode): boolean =>
  a.scheme === b.scheme && a.value === b.value;

export const isSameName = (a: Toponym, b: Toponym): boolean => a.name === b.name && a.language === b.language;

export const isSameToponym = (a: Toponym, b: Toponym): boolean =>
  isSameName(a, b) && a.script === b.script && a.kind === b.kind;

const never = (event: never): never => {
  throw new TypeError(`unknown event of the register: ${JSON.stringify(event)}`);
};
