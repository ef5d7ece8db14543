import type { LocationState } from '#libs/domain';
import type { StatementItem } from '#libs/queries';
import type { Column } from './csv.js';

/** The type of a column, for formats that must not guess it: schemas beside CSV, and Parquet. */
export type ColumnType = 'text' | 'integer' | 'number' | 'boolean' | 'time';

/** A column with several values, which CSV joins in one cell. */
interface ListType<T> {
  list: (row: T) => readonly string[];
}

export type ColumnTypes<T> = Readonly<Record<string, ColumnType | ListType<T>>>;

export const statementTypes: ColumnTypes<StatementItem> = {
  statementId: 'text',
  eventId: 'text',
  stance: 'text',
  predicate: 'text',
  actor: 'text',
  givenActor: 'text',
  extentOp: 'text',
  extentPercent: 'number',
  extentPart: 'text',
  target: 'text',
  modality: 'text',
  certainty: 'text',
  locationId: 'text',
  placeId: 'text',
  placeName: 'text',
  givenId: 'text',
  givenName: 'text',
  givenRegion: 'text',
  givenCountry: 'text',
  givenWithin: 'text',
  givenCodeScheme: 'text',
  givenCode: 'text',
  givenLon: 'number',
  givenLat: 'number',
  speakerName: 'text',
  speakerRole: 'text',
  speakerParty: 'text',
  givenParty: 'text',
  speakerSide: 'text',
  via: { list: ({ via }) => via },
  origin: 'text',
  occurredFrom: 'time',
  occurredTo: 'time',
  occurredPrecision: 'text',
  statedAt: 'time',
  statedPrecision: 'text',
  publishedAt: 'time',
  publishedPrecision: 'text',
  recordedAt: 'time',
  outlet: 'text',
  url: 'text',
  language: 'text',
  documentSha256: 'text',
  spanStart: 'integer',
  spanEnd: 'integer',
  quote: 'text',
  quoteErased: 'boolean',
  reliability: 'text',
  credibility: 'integer',
  extractionMethod: 'text',
  extractionVersion: 'text',
  extractionConfidence: 'number',
  by: 'text',
  onBehalfOf: 'text',
  reason: 'text',
  corrects: 'text',
  retracted: 'boolean',
  retractedAt: 'time',
  voided: 'boolean',
  voidReason: 'text',
  voidReplacedBy: 'text',
  shard: 'integer',
  position: 'integer',
  escaping: 'text',
};

export const stateTypes: ColumnTypes<LocationState> = {
  id: 'text',
  name: 'text',
  names: { list: ({ names }) => names.map(({ name }) => name) },
  codes: { list: ({ codes }) => codes.map(({ scheme, value }) => `${scheme} ${value}`) },
  country: 'text',
  countries: { list: ({ countries }) => countries },
  region: 'text',
  within: 'text',
  merged: { list: ({ merged }) => merged },
  lon: 'number',
  lat: 'number',
  coordinatesReported: 'boolean',
  status: 'text',
  rule: 'text',
  since: 'time',
  holders: { list: ({ control }) => control.map(({ holder }) => holder) },
  standings: { list: ({ control }) => control.map(({ standing }) => standing) },
  flags: {
    list: ({ flags }) => flags.map(({ flag, holder }) => (holder === null ? flag : `${flag} of ${holder}`)),
  },
  flagNames: { list: ({ flags }) => flags.map(({ flag }) => flag) },
  statements: 'integer',
  origins: 'integer',
  firstStatedAt: 'time',
  lastStatedAt: 'time',
  lastRecordedAt: 'time',
  asOf: 'time',
  knownAt: 'time',
  rulesetVersion: 'text',
  token: 'text',
};

/** A column in Parquet only: in CSV, programs would read 5:10 as a time. */
export const tokenColumn: Column<LocationState> = { name: 'token', value: ({ token }) => token };
