/** The answers of the API, as far as the page reads them. apps/web/tests/answers.test.ts holds them against its schemas. */
export type Instant = string;

export const STATUSES = [
  'contested',
  'conceded',
  'corroborated',
  'claimed',
  'relinquished',
  'denied',
  'unclaimed',
] as const;
export type Status = (typeof STATUSES)[number];

export interface Page<T> {
  items: T[];
  nextCursor: string | null;
}

export interface PlaceName {
  name: string;
  language?: string | undefined;
  script?: string | undefined;
  kind?: string | undefined;
}

/** Who stands behind one side of a holder's claim. */
export interface Evidence {
  side: string;
  party: string | null;
  speaker: string | null;
  statedAt: Instant;
  statementId: string;
  eventId: string;
}

export interface Holder {
  holder: string;
  known: boolean;
  actors: string[];
  standing: string;
  rule: string;
  extent: unknown;
  assertedBy: Evidence[];
  deniedBy: Evidence[];
  concededBy: Evidence[];
  /** How many the lists leave out: each has the newest 50. */
  more?: number;
}

export interface Flag {
  flag: string;
  holder: string | null;
  assertedBy: string[];
  deniedBy: string[];
  evidence: string[];
  /** Of `ambiguous`: the places that it may be. */
  candidates?: string[];
  more?: number;
}

export interface State {
  id: string;
  name: string;
  names: PlaceName[];
  codes: { scheme: string; value: string }[];
  coordinates: [number, number] | null;
  coordinatesReported: boolean;
  country: string | null;
  region: string | null;
  within: string | null;
  merged: string[];
  mergedFrom?: string | undefined;
  status: Status;
  rule: string;
  since: Instant | null;
  asOf: Instant | null;
  knownAt: Instant | null;
  control: Holder[];
  flags: Flag[];
  statements: number;
  origins: number;
  firstStatedAt: Instant | null;
  lastStatedAt: Instant | null;
  lastRecordedAt: Instant | null;
  rulesetVersion: string;
  token: string;
}

/** A number n in a column of times is the moment `base` + n * `unit` milliseconds. */
export interface Scale {
  base: Instant;
  unit: number;
}

interface MapHead {
  asOf: Instant | null;
  knownAt: Instant | null;
  rulesetVersion: string;
  token: string;
  count: number;
  withoutCoordinates: number;
  statuses: Status[];
}

export interface MapHolder {
  holder: number;
  known: boolean;
  standing: string;
  claiming: number[];
  denying: number[];
  conceding: number[];
}

export interface MapFlag {
  flag: string;
  holder: number | null;
  asserting: number[];
  denying: number[];
}

export interface MapPlaces extends MapHead {
  kind: 'places';
  time: Scale;
  parties: string[];
  regions: string[];
  controls: MapHolder[][];
  flagSets: MapFlag[][];
  columns: {
    id: string[];
    name: string[];
    lon: (number | null)[];
    lat: (number | null)[];
    status: number[];
    since: (number | null)[];
    lastSaid: (number | null)[];
    control: number[];
    flags: number[];
    region: (number | null)[];
  };
  reported: number[];
}

/** Counts of places by cells, where there are too many to send. */
export interface MapBins extends MapHead {
  kind: 'bins';
  zoom: number;
  /** Of a cell, in degrees. */
  size: number;
  columns: { lon: number[]; lat: number[]; count: number[]; status: number[][] };
}

export type MapAnswer = MapPlaces | MapBins;

export interface FacetCount<V> {
  value: V;
  count: number;
}

/** How many places each value of a filter would show. */
export interface Facets {
  count: number;
  withoutCoordinates: number;
  status: FacetCount<Status>[];
  side: FacetCount<string>[];
  flag: FacetCount<string>[];
  region: FacetCount<string | null>[];
}

export interface MapChanges {
  count: number;
  time: Scale;
  statuses: Status[];
  parties: string[];
  stages: { status: number; holders: number[] }[];
  places: string[];
  columns: { place: number[]; at: number[]; before: number[]; after: number[] };
}

export interface MapDays {
  count: number;
  first: string | null;
  statuses: Status[];
  columns: { day: number[]; count: number[]; status: number[][] };
}

export interface Side {
  id: string;
  name: string;
  belligerent: boolean;
}

export interface Parties {
  version: string;
  sides: Side[];
  items: { id: string; side: string; names: string[] }[];
}
