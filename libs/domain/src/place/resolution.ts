import { fold } from '../values/fold.js';
import { provisionalId, type Around, type LocationId } from '../values/identity.js';
import type { Coordinates, PlaceCode, PlaceReference, Resolution } from '../statement/place-reference.js';
import { foldRegion, saysRegion } from '../values/region.js';
import { accept, refuse, type Result } from '../values/refusal.js';
import { compare } from '../events/recorded-statement.js';

/** A registered place that a name or a code may mean. */
export interface PlaceMatch {
  id: LocationId;
  /** The place it is merged into in the end, or itself. */
  root: LocationId;
  /** Its coordinates, or those of the place it is merged into. */
  coordinates: Coordinates | null;
  /** Of it and of all places that it is in. */
  countries: readonly string[];
  /** Its region as given, where one was. */
  region: string | null;
  /** All places that it is in, at any level, with those they are merged into. */
  around: readonly LocationId[];
}

/** The facts of the register that resolve a reference by name or code. */
export interface PlaceMatches {
  /** All registered places with the code. */
  byCode: readonly PlaceMatch[];
  /** All registered places with the folded name, aliases included. */
  byName: readonly PlaceMatch[];
  /** The registered places that a text may mean as a region or as a place around another. */
  named: (text: string) => readonly Region[];
}

/** A registered place that others are in. */
export interface Region {
  id: LocationId;
  /** The place it is merged into in the end, or itself. */
  root: LocationId;
  names: readonly string[];
  countries: readonly string[];
  around: readonly LocationId[];
  /** The text is its id or one of its names, word for word. */
  isExact: boolean;
  /** Some place is in it, or one of its names says that it is a region. */
  isRegion: boolean;
}

/**
 * A known place (`id`); or the ids under which a provisional place may be known, the likeliest first (`known`), and the id
 * that it gets if it is not known (`fresh`).
 */
export type Resolved = { resolution: Resolution } & (
  { id: LocationId } | { known: LocationId[]; fresh: LocationId }
);

/** The largest distance of a candidate from the reported coordinates, in kilometres. */
const NEAR_KM = 10;
const MAX_CANDIDATES = 50;

/**
 * The place that a code or a name means (docs/domain.md, "Resolution"), never by population or likeness. Without a name, it
 * refuses a code that no place has (`location-unknown`) or several places have (`location-ambiguous`).
 */
export function resolve(
  reference: PlaceReference & { id?: undefined },
  matches: PlaceMatches,
): Result<Resolved> {
  const { code, name } = reference;
  const coded = rootsOf(matches.byCode);
  if (coded.length === 1) return accept({ id: coded[0]!.id, resolution: { kind: 'resolved', by: 'code' } });
  if (name === undefined) return unknownCode(code!, coded);
  const named = rootsOf(matches.byName.filter(isWithinReference(reference, matches)));
  const [only] = named;
  if (named.length === 1) return accept({ id: only!.id, resolution: { kind: 'resolved', by: 'name' } });
  // A code that several places have identifies none of them, but it may distinguish namesakes.
  const both = named.filter(({ root }) => coded.some((one) => one.root === root));
  if (both.length === 1) return accept({ id: both[0]!.id, resolution: { kind: 'resolved', by: 'code' } });
  const candidates = both.length > 0 ? both : named;
  const near = candidates.filter(
    ({ coordinates }) =>
      coordinates && reference.coordinates && kilometres(coordinates, reference.coordinates) <= NEAR_KM,
  );
  if (near.length === 1)
    return accept({ id: near[0]!.id, resolution: { kind: 'resolved', by: 'coordinates' } });
  const ids = candidates.map(({ root }) => root).toSorted(compare);
  return accept({
    ...provisional({ ...reference, name }, matches),
    resolution:
      ids.length === 0
        ? { kind: 'provisional', by: 'name' }
        : { kind: 'ambiguous', by: 'name', candidates: ids.slice(0, MAX_CANDIDATES) },
  });
}

/** How a place was found, for an event that does not keep it: its reference and its stream show it. */
export const plainResolution = ({ id }: PlaceReference, stream: LocationId): Resolution =>
  id === undefined
    ? { kind: mayBeProvisional(stream) ? 'provisional' : 'resolved', by: 'name' }
    : { kind: 'resolved', by: 'id' };

/** Whether the reference and the stream already show how the place was found. */
export function isPlain({ kind, by }: Resolution, reference: PlaceReference, stream: LocationId): boolean {
  const plain = plainResolution(reference, stream);
  return plain.kind === kind && plain.by === by;
}

/** Whether a text can be the id of a provisional place. */
export const mayBeProvisional = (text: string): boolean => PROVISIONAL_ID.test(text);

/** A UUID of version 5. */
const PROVISIONAL_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/;

function unknownCode({ scheme, value }: PlaceCode, holders: readonly PlaceMatch[]) {
  const pointer = '/location/code';
  if (holders.length === 0)
    return refuse('location-unknown', `no place has the code ${scheme} ${value}`, [
      { pointer, detail: 'is not known' },
    ]);
  const ids = holders.map(({ id }) => id).join(', ');
  return refuse('location-ambiguous', `several places have the code ${scheme} ${value}: ${ids}`, [
    { pointer, detail: 'is a code of several places' },
  ]);
}

/** One hit for each place: the place itself if it is among the hits, else the first that is merged into it. */
function rootsOf(matches: readonly PlaceMatch[]): PlaceMatch[] {
  const best = new Map<LocationId, PlaceMatch>();
  for (const match of matches) {
    const other = best.get(match.root);
    if (!other || match.id === match.root || (other.id !== other.root && match.id < other.id))
      best.set(match.root, match);
  }
  return [...best.values()];
}

/** The regions that a text means: a text with a word for a region means the region of exactly that name, if there is one. */
function regionsMeant(text: string, named: PlaceMatches['named']): readonly Region[] {
  const all = named(text);
  const exact = saysRegion(text) ? all.filter(({ isExact }) => isExact) : [];
  return exact.length > 0 ? exact : all;
}

/** The places that a text means as a surrounding place: a district may share the name of its region but for that word. */
const placesMeant = (text: string, named: PlaceMatches['named']): readonly Region[] =>
  saysRegion(text) ? named(text).filter(({ isExact }) => isExact) : named(text);

/** Whether a place is where a reference says, if the reference says it. */
function isWithinReference(
  { country, region, within }: PlaceReference,
  { named }: PlaceMatches,
): (match: PlaceMatch) => boolean {
  /** The places that the region of a place is, by its own words. */
  const regionOf = (match: PlaceMatch) =>
    match.region === null ? [] : regionsMeant(match.region, named).filter(({ isRegion }) => isRegion);
  const isAround = (match: PlaceMatch, places: readonly Region[]) =>
    places.some(({ id, root }) => match.around.includes(id) || match.around.includes(root)) ||
    regionOf(match).some((one) => places.some(({ id, root }) => one.id === id || one.id === root));
  const isInCountry = (match: PlaceMatch) =>
    country === undefined ||
    match.countries.includes(country) ||
    regionOf(match).some(({ countries }) => countries.includes(country));
  const isInRegion = (match: PlaceMatch) =>
    region === undefined ||
    (match.region !== null && foldRegion(match.region) === foldRegion(region)) ||
    isAround(match, regionsMeant(region, named));
  const isWithin = (match: PlaceMatch) =>
    within === undefined ||
    (match.region !== null && fold(match.region) === fold(within)) ||
    isAround(match, placesMeant(within, named));
  return (match) => isInCountry(match) && isInRegion(match) && isWithin(match);
}

/** The ids under which a place that the register lacks, or cannot distinguish from others, is known already or would be. */
function provisional(
  { name, country, region, within }: PlaceReference & { name: string },
  { named }: PlaceMatches,
): { known: LocationId[]; fresh: LocationId } {
  const regions = alternativesOf(region, country, (text) => regionsMeant(text, named));
  const places = alternativesOf(within, country, (text) => placesMeant(text, named));
  const ids = regions.flatMap((inRegion) =>
    places.map((inPlace) => provisionalId(name, country, inRegion, inPlace)),
  );
  const fresh =
    ids.length === 1
      ? ids[0]!
      : provisionalId(name, country, regions[1] ?? regions[0], places[1] ?? places[0]);
  return { fresh, known: [...new Set([ids[0]!, fresh, ...ids])].slice(0, MAX_KNOWN_IDS) };
}

/** The largest number of ids looked up for one reference. */
const MAX_KNOWN_IDS = 200;

/**
 * Every way to name the surrounding place that a text means: first the text itself; then the place, where the text means
 * one (the outermost of several). The rest covers places made before it was registered: places within it of the same name,
 * and its other names, if they mean it alone.
 */
function alternativesOf(
  text: string | undefined,
  country: string | undefined,
  meant: (text: string) => readonly Region[],
): (Around | undefined)[] {
  if (text === undefined) return [undefined];
  const regionsOf = (one: string) =>
    meant(one).filter(
      ({ isRegion, countries }) =>
        isRegion && (country === undefined || countries.length === 0 || countries.includes(country)),
    );
  const regions = regionsOf(text);
  const root = outermostOf(regions);
  if (root === undefined) return [text];
  const names = new Map(
    regions.flatMap((one) => (one.root === root ? one.names : [])).map((name) => [foldRegion(name), name]),
  );
  return [
    text,
    { id: root },
    ...regions.map(({ id }) => ({ id })),
    ...[...names.values()].filter((name) => outermostOf(regionsOf(name)) === root),
  ];
}

/** The one place that all given places are, or are in; undefined where there is none. */
function outermostOf(regions: readonly Region[]): LocationId | undefined {
  const ids = new Set(regions.map(({ id }) => id));
  const roots = new Set(
    regions.filter(({ around }) => !around.some((id) => ids.has(id))).map(({ root }) => root),
  );
  return roots.size === 1 ? [...roots][0] : undefined;
}

const EARTH_RADIUS_KM = 6371;

/** The distance of two points along a great circle, by the haversine formula. */
function kilometres([lon1, lat1]: Coordinates, [lon2, lat2]: Coordinates): number {
  const rad = (degrees: number) => (degrees * Math.PI) / 180;
  const square = (angle: number) => Math.sin(rad(angle) / 2) ** 2;
  return (
    2 *
    EARTH_RADIUS_KM *
    Math.asin(
      Math.sqrt(square(lat2 - lat1) + Math.cos(rad(lat1)) * Math.cos(rad(lat2)) * square(lon2 - lon1)),
    )
  );
}
