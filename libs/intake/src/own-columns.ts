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
/** Of files from before `placeId` and `placeName` said what the place is by now: there they say what was given. */
const OLDER = mappingWith('place');

/** @param has whether the file has a column */
export const ownMapping = (has: (column: string) => boolean): Mapping => (has('givenId') || has('givenName') ? OWN : OLDER);

/** Without these a CSV is not one of ours. */
export const OWN_REQUIRED: readonly string[] = ['stance', 'predicate', 'statedAt'];

/** Columns that say that a statement no longer counts, as it would if it were recorded anew. */
export const OWN_MARKS: readonly string[] = ['retracted', 'voided'];

/** Takes away the apostrophe that an export puts before what a spreadsheet would run (libs/replay, csv.ts). */
export const asWritten = (cell: string): string => (/^'['=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/.test(cell) ? cell.slice(1) : cell);
