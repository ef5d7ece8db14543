import { Mapping } from './mapping.js';

/**
 * The columns of `claimline export statements --format csv` that make a statement.
 * @param given what the columns of the place as it was given begin with
 */
const ownColumns = (given: 'given' | 'place') => ({
  columns: {
    statementId: '/statementId',
    stance: '/stance',
    predicate: '/claim/predicate',
    actor: '/claim/actor',
    extentOp: '/claim/extent/op',
    extentPercent: '/claim/extent/percent',
    extentPart: '/claim/extent/part',
    target: '/claim/target',
    modality: '/claim/modality',
    certainty: '/claim/certainty',
    [`${given}Id`]: '/location/id',
    [`${given}Name`]: '/location/name',
    [`${given}Region`]: '/location/region',
    [`${given}Country`]: '/location/country',
    [`${given}Within`]: '/location/within',
    [`${given}CodeScheme`]: '/location/code/scheme',
    [`${given}Code`]: '/location/code/value',
    [`${given}Lon`]: '/location/coordinates/0',
    [`${given}Lat`]: '/location/coordinates/1',
    speakerName: '/speaker/name',
    speakerRole: '/speaker/role',
    speakerParty: '/speaker/party',
    via: '/via',
    occurredFrom: '/occurredAt/from',
    occurredTo: '/occurredAt/to',
    occurredPrecision: '/occurredAt/precision',
    statedAt: { to: '/statedAt', precision: 'statedPrecision' },
    publishedAt: { to: '/source/publishedAt', precision: 'publishedPrecision' },
    outlet: '/source/outlet',
    url: '/source/url',
    language: '/source/language',
    documentSha256: '/source/documentSha256',
    spanStart: '/source/span/start',
    spanEnd: '/source/span/end',
    quote: '/source/quote',
    reliability: '/grading/reliability',
    credibility: '/grading/credibility',
    extractionMethod: '/extraction/method',
    extractionVersion: '/extraction/version',
    extractionConfidence: '/extraction/confidence',
    by: '/by',
    reason: '/reason',
  },
});

function mappingWith(given: 'given' | 'place'): Mapping {
  const parsed = Mapping.parse(ownColumns(given));
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.mapping;
}

const OWN = mappingWith('given');
/** For files from before `placeId` and `placeName` meant the present place: there they are the place as given. */
const OLDER = mappingWith('place');

/** @param has whether the file has a column */
export const ownMapping = (has: (column: string) => boolean): Mapping =>
  has('givenId') || has('givenName') ? OWN : OLDER;

/** Without these, a CSV is not from our export, or does not show which statements no longer count. */
export const OWN_REQUIRED: readonly string[] = ['stance', 'predicate', 'statedAt', 'retracted', 'voided'];

/** Columns that are true or false. A retracted or voided statement would count again if its row were imported. */
export const OWN_MARKS: readonly string[] = ['retracted', 'voided', 'quoteErased'];

/** The columns with a value as given, where it differs from the ruleset's. */
export const OWN_GIVEN: ReadonlyMap<string, string> = new Map([
  ['actor', 'givenActor'],
  ['speakerParty', 'givenParty'],
]);

/** The times, with the columns that say how precise each is. */
export const OWN_TIMES: ReadonlyMap<string, string> = new Map([
  ['statedAt', 'statedPrecision'],
  ['publishedAt', 'publishedPrecision'],
  ['occurredFrom', 'occurredPrecision'],
  ['occurredTo', 'occurredPrecision'],
]);

/** Numbers that need not be whole. */
export const OWN_DECIMALS: ReadonlySet<string> = new Set([
  'extentPercent',
  'givenLon',
  'givenLat',
  'extractionConfidence',
]);

/** All columns that an import reads. */
export const OWN_COLUMNS: ReadonlySet<string> = new Set([
  ...OWN.columns,
  ...OLDER.columns,
  ...OWN_MARKS,
  ...OWN_GIVEN.values(),
  'escaping',
]);
