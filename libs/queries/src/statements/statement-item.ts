import {
  compareStatements,
  isVoided,
  originKey,
  retractionsOf,
  type Attribution,
  type ClaimData,
  type Instant,
  type VoidingData,
  type RetractionData,
  type Ruleset,
  type RecordedStatement,
  type SourceRecord,
  type BitemporalPoint,
  type RecordedRetraction,
} from '#libs/domain';
import type { Remarks } from '#libs/projection';
import type { ReadTransaction } from '../read-models.js';
import { readQuotes, type Quotes } from './quotes.js';
import { readPlaces, type StatementPlace, type StatementPlaces } from './statement-places.js';

/** The source, with its quote if there was one: null, and `quoteErased`, once it was erased. */
export interface ShownSource extends Omit<SourceRecord, 'quoteDigest'> {
  publishedAt?: Instant;
  quote: string | null;
  quoteErased?: true;
}

/** The speaker. Party and side by the ruleset's ids if it knows them, else as given. */
export interface ShownSpeaker {
  name: string | null;
  role: string | null;
  party: string | null;
  /** The party as it was given, if that differs from `party`. */
  givenParty?: string;
  side: string;
}

/** The claim. Its actor by the ruleset's id if it knows it, else as given. */
export type ShownClaim = ClaimData['claim'] & {
  /** The actor as it was given, if that differs from `actor`. */
  givenActor?: string;
};

/** One statement as timelines show it. */
export interface StatementItem {
  statementId: string;
  eventId: string;
  type: 'claim.asserted' | 'claim.denied';
  stance: RecordedStatement['stance'];
  /** The place that it was recorded on; merges are not applied to it. */
  locationId: string;
  /** The place that it is about at the bitemporal point: the same one, or the one that it is merged into. */
  place: StatementPlace;
  claim: ShownClaim;
  /** The place as it was given. */
  location: ClaimData['location'];
  speaker: ShownSpeaker;
  via: string[];
  origin: string;
  occurredAt: NonNullable<ClaimData['occurredAt']> | null;
  statedAt: Instant;
  statedPrecision: ClaimData['statedPrecision'];
  publishedAt: Instant;
  publishedPrecision: ClaimData['publishedPrecision'];
  recordedAt: Instant;
  source: ShownSource | null;
  grading: NonNullable<ClaimData['grading']> | null;
  extraction: NonNullable<ClaimData['extraction']> | null;
  by: string | null;
  onBehalfOf: string | null;
  reason: string | null;
  /** The statement that it corrects. */
  corrects: string | null;
  retracted: ShownRetraction | null;
  voided: ShownVoid | null;
  shard: number;
  position: number;
}

/** The first retraction that counts. */
export interface ShownRetraction {
  retractionId: string;
  eventId: string;
  statedAt: Instant;
  recordedAt: Instant;
  speaker: ShownSpeaker;
  source: ShownSource | null;
  by: string | null;
  onBehalfOf: string | null;
  reason: string | null;
}

export interface ShownVoiding {
  eventId: string;
  recordedAt: Instant;
  by: string | null;
  onBehalfOf: string | null;
  reason: string | null;
}

/** The void that took effect. */
export interface ShownVoid extends ShownVoiding {
  /** The statement that was recorded in place of this one. */
  replacedBy: string | null;
  /** Later voids of the voided statement, with remarks of the same or other curators. */
  further: ShownVoiding[];
}

/** A row of the timeline, parsed. */
export interface StatementRow {
  locationId: string;
  said: RecordedStatement;
  entry: ClaimData & Attribution;
  remarks: Remarks | null;
}

/** The data from other tables that is shown with statements, as of a bitemporal point. */
export interface Beside {
  quotes: Quotes;
  places: StatementPlaces;
}

export const readBeside = async (
  tx: ReadTransaction,
  rows: readonly StatementRow[],
  point: BitemporalPoint,
): Promise<Beside> => ({
  quotes: await readQuotes(tx.db, rows.flatMap(quotedBy)),
  places: await readPlaces(
    tx,
    rows.map(({ locationId }) => locationId),
    point,
  ),
});

/** A statement as of a bitemporal point. */
export function itemOf(
  { locationId, said, entry, remarks }: StatementRow,
  ruleset: Ruleset,
  { quotes, places }: Beside,
  point: BitemporalPoint,
): StatementItem {
  const { statementId, eventId, stance, statedAt, publishedAt, recordedAt, shard, position } = said;
  const { id, name } = places.get(locationId)!;
  const {
    claim,
    location,
    via,
    occurredAt,
    statedPrecision,
    publishedPrecision,
    grading,
    extraction,
    by,
    onBehalfOf,
    reason,
    corrects,
  } = entry;
  return {
    statementId,
    eventId,
    type: stance === 'assert' ? 'claim.asserted' : 'claim.denied',
    stance,
    locationId,
    place: { id, name },
    claim: claimOf(claim, ruleset),
    location,
    speaker: speakerOf(entry, ruleset, said.origin),
    via: via ?? [],
    origin: said.origin,
    occurredAt: occurredAt ?? null,
    statedAt,
    statedPrecision,
    publishedAt,
    publishedPrecision,
    recordedAt,
    source: sourceOf(entry, statementId, quotes),
    grading: grading ?? null,
    extraction: extraction ?? null,
    by: by ?? null,
    onBehalfOf: onBehalfOf ?? null,
    reason: reason ?? null,
    corrects: corrects ?? null,
    retracted: retractionOf(said, remarks, ruleset, quotes, point),
    voided: voidOf(said, remarks, point),
    shard,
    position,
  };
}

/** The ids under which the quotes of a statement and its retractions are kept. */
const quotedBy = ({ said, entry }: StatementRow): string[] => [
  ...(entry.source?.quoteDigest === undefined ? [] : [said.statementId]),
  ...said.retractions.map(({ retractionId }) => retractionId),
];

function claimOf(claim: ClaimData['claim'], ruleset: Ruleset): ShownClaim {
  if (claim.actor === undefined) return claim;
  const { id } = ruleset.party(claim.actor);
  return id === claim.actor ? claim : { ...claim, actor: id, givenActor: claim.actor };
}

function speakerOf({ speaker }: Pick<ClaimData, 'speaker'>, ruleset: Ruleset, origin: string): ShownSpeaker {
  const party = speaker?.party === undefined ? undefined : ruleset.party(speaker.party);
  const side = party
    ? party.known
      ? party.side.slice('side:'.length)
      : party.id
    : `independent:${originKey(origin)}`;
  return {
    name: speaker?.name ?? null,
    role: speaker?.role ?? null,
    party: party?.id ?? null,
    ...(party && party.id !== speaker!.party && { givenParty: speaker!.party! }),
    side,
  };
}

function sourceOf(
  { source, publishedAt }: Pick<ClaimData, 'source' | 'publishedAt'>,
  id: string,
  quotes: Quotes,
): ShownSource | null {
  if (!source) return null;
  // Most have no quote, and removing a key costs as much as the rest of a statement.
  if (source.quoteDigest === undefined) return { ...source, publishedAt, quote: null };
  const { quoteDigest: _, ...shown } = source;
  const quote = quotes.get(id) ?? null;
  return { ...shown, publishedAt, quote, ...(quote === null && { quoteErased: true as const }) };
}

function retractionOf(
  said: RecordedStatement,
  remarks: Remarks | null,
  ruleset: Ruleset,
  quotes: Quotes,
  point: BitemporalPoint,
): ShownRetraction | null {
  const [first] = retractionsOf(said, point).toSorted((a, b) => compareStatements(ordered(a), ordered(b)));
  if (!first) return null;
  const { retractionId, eventId, statedAt, recordedAt } = first;
  const data = (remarks?.[eventId] ?? {}) as Partial<RetractionData> & Attribution;
  return {
    retractionId,
    eventId,
    statedAt,
    recordedAt,
    speaker: speakerOf(data, ruleset, said.origin),
    source: sourceOf(data as RetractionData, retractionId, quotes),
    by: data.by ?? null,
    onBehalfOf: data.onBehalfOf ?? null,
    reason: data.reason ?? null,
  };
}

const ordered = ({ statedAt, publishedAt, retractionId }: RecordedRetraction) => ({
  statedAt,
  publishedAt,
  statementId: retractionId,
});

function voidOf(
  { marks }: RecordedStatement,
  remarks: Remarks | null,
  { knownAt }: BitemporalPoint,
): ShownVoid | null {
  if (!isVoided(marks, knownAt)) return null;
  const known = marks.filter(({ recordedAt }) => !knownAt || recordedAt <= knownAt);
  const standing = known
    .slice(known.findLastIndex(({ voided }) => !voided) + 1)
    .map(({ eventId, recordedAt }) => {
      const { replacedBy, ...said } = (remarks?.[eventId] ?? {}) as VoidingData & Attribution;
      const { by = null, onBehalfOf = null, reason = null } = said;
      return { replacedBy, shown: { eventId, recordedAt, by, onBehalfOf, reason } };
    });
  const [first, ...further] = standing.map(({ shown }) => shown);
  return { ...first!, replacedBy: standing.find((one) => one.replacedBy)?.replacedBy ?? null, further };
}
