import {
  compare,
  type FlagName,
  type Instant,
  type LocationState,
  type Ruleset,
  type Status,
} from '#libs/domain';
import { flagTag, holderTag, matchesSearch, searchPattern, statusTag, tagsOf } from '#libs/projection';
import { Conditions } from './conditions.js';

/** West, south, east, north in degrees; west above east crosses the antimeridian. */
export type BoundingBox = readonly [west: number, south: number, east: number, north: number];

/** Selects places. Several of `status` mean any of them; all other conditions must hold together. */
export interface LocationFilter {
  status?: readonly Status[];
  /** A holder: a side or party by id or name. */
  side?: string;
  flag?: FlagName;
  /** Part of any name, in any script; of one or two characters the start of a word. */
  q?: string;
  bbox?: BoundingBox;
  /** As states name it; several mean any of them. */
  region?: readonly string[];
  /** Places with an event recorded at or after this time. */
  changedSince?: Instant;
}

/** A filter as conditions on a place `l` and its state `f`. */
export function matching(
  { status, side, flag, q, bbox, region, changedSince }: LocationFilter,
  ruleset: Ruleset,
): Conditions {
  const all = [...(flag ? [flagTag(flag)] : []), ...(side === undefined ? [] : [holderTag(side, ruleset)])];
  const where = new Conditions()
    .given(status?.map(statusTag), (any) => `f.tags && ${any}::text[]`)
    .given(all.length > 0 ? all : undefined, (each) => `f.tags @> ${each}::text[]`)
    .given(q === undefined ? undefined : searchPattern(q), (pattern) => `l.search like ${pattern}`)
    .given(region, (any) => `l.region = any(${any}::text[])`)
    .given(changedSince, (at) => `f.last_recorded_at >= ${at}::timestamptz`);
  return within(where, bbox);
}

/** The same conditions, applied to a state. */
export function matches(
  state: LocationState,
  { status, side, flag, q, bbox, region, changedSince }: LocationFilter,
  ruleset: Ruleset,
): boolean {
  const tags = tagsOf(state, ruleset);
  return (
    (!status || status.some((one) => tags.includes(statusTag(one)))) &&
    (side === undefined || tags.includes(holderTag(side, ruleset))) &&
    (!flag || tags.includes(flagTag(flag))) &&
    (q === undefined || matchesSearch([state.name, ...state.names.map(({ name }) => name)], q)) &&
    (!bbox || isWithin(state.coordinates, bbox)) &&
    (!region || (state.region !== null && region.includes(state.region))) &&
    (!changedSince || (state.lastRecordedAt !== null && compare(state.lastRecordedAt, changedSince) >= 0))
  );
}

/** The condition that a place `l` is in a box. */
export const within = (where: Conditions, bbox: BoundingBox | undefined): Conditions =>
  anyOf(where, inBoxes(where, bbox));

/** The condition that it may have been there: reported coordinates, of a place without its own, may have been others before. */
export const withinOnce = (where: Conditions, bbox: BoundingBox | undefined): Conditions =>
  anyOf(where, bbox ? [...inBoxes(where, bbox), 'l.reported'] : []);

const inBoxes = (where: Conditions, bbox: BoundingBox | undefined) =>
  boxes(bbox).map((box) => `point(l.lon, l.lat) <@ ${where.value(box)}::box`);

const anyOf = (where: Conditions, any: readonly string[]): Conditions =>
  any.length === 0 ? where : where.and(`(${any.join(' or ')})`);

/** The boxes for PostgreSQL, which does not know the antimeridian. */
function boxes(bbox: BoundingBox | undefined): string[] {
  if (!bbox) return [];
  const [west, south, east, north] = bbox;
  const box = (from: number, to: number) => `(${from},${south}),(${to},${north})`;
  return west <= east ? [box(west, east)] : [box(west, 180), box(-180, east)];
}

/** Whether a point is in a box. */
export function isWithin(
  coordinates: LocationState['coordinates'],
  [west, south, east, north]: BoundingBox,
): boolean {
  if (!coordinates) return false;
  const [lon, lat] = coordinates;
  const across = west <= east ? lon >= west && lon <= east : lon >= west || lon <= east;
  return across && lat >= south && lat <= north;
}
