import type { Statement } from '../../api/place-answers.js';

type Cell = string | number | boolean | null | undefined;
interface Column {
  name: string;
  /** Other people's words, which a spreadsheet must not take for a formula. */
  isText: boolean;
  value: (said: Statement) => Cell;
}

const column = (name: string, value: Column['value']): Column => ({ name, isText: false, value });
const words = (name: string, value: Column['value']): Column => ({ name, isText: true, value });

const isById = ({ location }: Statement): boolean => location.id !== undefined;
/** Several texts in one cell. */
const cellOf = (items: readonly string[]): string =>
  items.map((item) => (/[\\;]/.test(item) ? item.replace(/[\\;]/g, '\\$&') : item)).join('; ');

/** As the service's own CSV of statements (docs/export-and-import.md): a test compares the two. */
const COLUMNS: readonly Column[] = [
  column('statementId', (said) => said.statementId),
  column('eventId', (said) => said.eventId),
  column('stance', (said) => said.stance),
  column('predicate', (said) => said.claim.predicate),
  words('actor', (said) => said.claim.actor),
  words('givenActor', (said) => said.claim.givenActor),
  column('extentOp', ({ claim: { extent } }) => (extent && 'op' in extent ? extent.op : null)),
  column('extentPercent', ({ claim: { extent } }) => (extent && 'percent' in extent ? extent.percent : null)),
  words('extentPart', ({ claim: { extent } }) => (extent && 'part' in extent ? extent.part : null)),
  words('target', (said) => said.claim.target),
  column('modality', (said) => said.claim.modality),
  column('certainty', (said) => said.claim.certainty),
  column('locationId', (said) => said.locationId),
  column('placeId', (said) => said.place.id),
  words('placeName', (said) => said.place.name),
  column('givenId', (said) => said.location.id),
  words('givenName', (said) => (isById(said) ? null : said.location.name)),
  words('givenRegion', (said) => (isById(said) ? null : said.location.region)),
  column('givenCountry', (said) => (isById(said) ? null : said.location.country)),
  words('givenWithin', (said) => said.location.within),
  column('givenCodeScheme', (said) => said.location.code?.scheme),
  words('givenCode', (said) => said.location.code?.value),
  column('givenLon', (said) => said.location.coordinates?.[0]),
  column('givenLat', (said) => said.location.coordinates?.[1]),
  words('speakerName', (said) => said.speaker.name),
  words('speakerRole', (said) => said.speaker.role),
  words('speakerParty', (said) => said.speaker.party),
  words('givenParty', (said) => said.speaker.givenParty),
  words('speakerSide', (said) => said.speaker.side),
  words('via', (said) => cellOf(said.via)),
  words('origin', (said) => said.origin),
  column('occurredFrom', (said) => said.occurredAt?.from),
  column('occurredTo', (said) => said.occurredAt?.to),
  column('occurredPrecision', (said) => said.occurredAt?.precision),
  column('statedAt', (said) => said.statedAt),
  column('statedPrecision', (said) => said.statedPrecision),
  column('publishedAt', (said) => said.publishedAt),
  column('publishedPrecision', (said) => said.publishedPrecision),
  column('recordedAt', (said) => said.recordedAt),
  words('outlet', (said) => said.source?.outlet),
  words('url', (said) => said.source?.url),
  column('language', (said) => said.source?.language),
  column('documentSha256', (said) => said.source?.documentSha256),
  column('spanStart', (said) => said.source?.span?.start),
  column('spanEnd', (said) => said.source?.span?.end),
  words('quote', (said) => said.source?.quote),
  column('quoteErased', (said) => said.source?.quoteErased ?? false),
  column('reliability', (said) => said.grading?.reliability),
  column('credibility', (said) => said.grading?.credibility),
  words('extractionMethod', (said) => said.extraction?.method),
  words('extractionVersion', (said) => said.extraction?.version),
  column('extractionConfidence', (said) => said.extraction?.confidence),
  words('by', (said) => said.by),
  words('onBehalfOf', (said) => said.onBehalfOf),
  words('reason', (said) => said.reason),
  column('corrects', (said) => said.corrects),
  column('retracted', (said) => said.retracted !== null),
  column('retractedAt', (said) => said.retracted?.statedAt),
  column('voided', (said) => said.voided !== null),
  words('voidReason', (said) => said.voided?.reason),
  column('voidReplacedBy', (said) => said.voided?.replacedBy),
  column('shard', (said) => said.shard),
  column('position', (said) => said.position),
  column('escaping', () => 'apostrophe'),
];

/** The header (RFC 4180), with its end. */
export const csvHead = `${[...COLUMNS.map(({ name }) => name), 'pageUrl'].map(quoted).join(',')}\r\n`;

/** @param pageUrl where the statement is shown */
export const csvRow = (said: Statement, pageUrl: string): string =>
  `${[...COLUMNS.map(({ isText, value }) => shown(value(said), isText)), quoted(pageUrl)].join(',')}\r\n`;

const shown = (cell: Cell, isText: boolean): string => {
  if (typeof cell !== 'string') return cell == null ? '' : String(cell);
  return cell === '' ? '' : quoted(isText ? guarded(cell) : cell);
};

function quoted(cell: string): string {
  return `"${cell.replaceAll('"', '""')}"`;
}

// Where a spreadsheet may begin a cell, and what begins a formula there, as in libs/transfer/src/csv-cell.ts.
const FORMULA = /(^|[,;\t\n\v\f\r\x85\u2028\u2029])([ "\xA0]*)(?=['=+\-@\uFF1D\uFF0B\uFF0D\uFF20])/g;
const guarded = (text: string): string => text.replace(FORMULA, "$1$2'");
