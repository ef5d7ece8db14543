import {
  isVoiding,
  SCHEMA_VERSION,
  type ClaimData,
  type ClaimEvent,
  type VoidingData,
  type VoidingEvent,
  type NewEvent,
  type SourceRecord,
} from '../events/events.js';
import {
  claimEventId,
  sha256Hex,
  type EventId,
  type LocationId,
  type StatementId,
} from '../values/identity.js';
import { accept, refuse, type Result } from '../values/refusal.js';
import type { Resolution } from '../statement/place-reference.js';
import { attributionOf, unrecorded, type Remarks, type Signed } from '../statement/remarks.js';
import { isPlain } from '../place/resolution.js';
import type { Ruleset, SideKey } from '../ruleset.js';
import { originKey, originOf } from '../events/recorded-statement.js';
import {
  addGiven,
  omitUndefined,
  type Retraction,
  type Source,
  type Statement,
  type Utterance,
} from '../statement/statement.js';

/** The digest of a quote under its salt, hexadecimal: it stays in the event after the text is erased. */
export const quoteDigest = (salt: string, quote: string): string => sha256Hex(`${salt}:${quote}`);

/**
 * The event of a statement that is valid and whose place is resolved.
 * @param salt random text; kept beside the quote, not in the event
 * @param found how the place was found; kept unless it follows from the reference and the place's id
 */
export function claimEvent(
  statement: Statement & Signed,
  location: LocationId,
  salt: string,
  found?: Resolution,
): ClaimEvent {
  const { id, content, grading, extraction, by, reason, signature } = statement;
  const resolution = found && !isPlain(found, content.location, location) ? found : undefined;
  const said = withoutQuote(addGiven({}, content, 'stance'), salt);
  const event: ClaimEvent = {
    eventId: claimEventId(id),
    type: content.stance === 'assert' ? 'claim.asserted' : 'claim.denied',
    schemaVersion: SCHEMA_VERSION,
    stream: location,
    statementId: id,
    data: addGiven(said, { resolution, grading, extraction, reason }),
  };
  return addGiven(event, attributionOf({ by, signature }));
}

/** A party may retract what its own side said, an independent what it said itself (docs/domain.md, "Events"). */
export function decideRetraction(
  retraction: Retraction & Signed,
  claim: ClaimEvent,
  ruleset: Ruleset,
  eventId: EventId,
  salt: string,
): Result<NewEvent<'claim.retracted'>> {
  if (sideOf(retraction.content, ruleset) !== sideOf(claim.data, ruleset))
    return refuse('retraction-foreign', 'only the side that made a statement can take it back', [
      { pointer: '/speaker', detail: 'is of another side than the statement' },
    ]);
  const { reason, id: retractionId } = retraction;
  return accept({
    eventId,
    type: 'claim.retracted',
    schemaVersion: SCHEMA_VERSION,
    stream: claim.stream,
    statementId: claim.statementId!,
    data: { retractionId, ...withoutQuote(retraction.content, salt), ...omitUndefined({ reason }) },
    ...attributionOf(retraction),
  });
}

/** An event about a statement that is recorded already. */
export type LaterEvent = NewEvent<'claim.retracted' | 'statement.voided' | 'statement.reinstated'>;

/** The target of a void or its reinstatement: a statement, or (with `retractionId`) a retraction of it. */
export interface VoidingTarget<E extends LaterEvent = LaterEvent> {
  stream: string;
  statementId: StatementId;
  retractionId?: string;
  /** The events about the statement so far, in the order of the log. May be empty if nothing was ever voided. */
  later: readonly E[];
}

/** The events by which a statement or a retraction is now voided or reinstated: the first made it so, others repeated it. */
export function standingVoidings<E extends LaterEvent>(
  later: readonly E[],
  id: string,
): (E & VoidingEvent)[] {
  const voidings = later.filter(
    (event): event is E & VoidingEvent =>
      isVoiding(event) && (event.data.retractionId ?? event.statementId) === id,
  );
  return voidings.slice(voidings.findLastIndex(({ type }) => type !== voidings.at(-1)!.type) + 1);
}

export const isVoidedBy = (voidings: readonly LaterEvent[]): boolean =>
  voidings[0]?.type === 'statement.voided';

/**
 * A void of what is voided already changes nothing, nor does a reinstatement of what is not voided. Either is recorded
 * only if the client gives remarks that none of the standing events has: several curators may give reasons of their own.
 * @returns the event to append, or else the event that made it so, if there is one
 */
export function decideVoiding<E extends LaterEvent>(
  wanted: boolean,
  target: VoidingTarget<E>,
  remarks: Remarks & Signed,
  eventId: EventId,
): { event: VoidingEvent } | { before: E | undefined } {
  const { stream, statementId, retractionId } = target;
  const standing = standingVoidings(target.later, retractionId ?? statementId);
  if (isVoidedBy(standing) === wanted) {
    const same = standing.find(
      ({ by, onBehalfOf, data }) =>
        unrecorded(remarks, { ...omitUndefined({ by, onBehalfOf }), reason: data.reason }).length === 0,
    );
    const isRemarked = unrecorded(remarks, {}).length > 0;
    if (same || !isRemarked || standing.length === 0) return { before: same ?? standing.at(-1) };
  }
  return {
    event: voidingEvent(
      wanted,
      { stream, statementId, ...omitUndefined({ retractionId }) },
      remarks,
      eventId,
    ),
  };
}

export const voidingEvent = (
  voided: boolean,
  {
    stream,
    statementId,
    ...data
  }: Pick<VoidingTarget, 'stream' | 'statementId' | 'retractionId'> & VoidingData,
  { by, reason, signature }: Remarks & Signed,
  eventId: EventId,
): VoidingEvent => ({
  eventId,
  type: voided ? 'statement.voided' : 'statement.reinstated',
  schemaVersion: SCHEMA_VERSION,
  stream,
  statementId,
  data: omitUndefined({ ...data, reason }),
  ...attributionOf({ by, signature }),
});

function sideOf(utterance: Utterance | ClaimData, ruleset: Ruleset): SideKey {
  const party = utterance.speaker?.party;
  return party === undefined ? `independent:${originKey(originOf(utterance))}` : ruleset.party(party).side;
}

function withoutQuote<T extends { source?: Source }>(
  content: T,
  salt: string,
): Omit<T, 'source'> & { source?: SourceRecord } {
  const quote = content.source?.quote;
  if (quote === undefined) return content;
  const { source, ...rest } = content;
  const { quote: _quote, ...kept } = source!;
  return { ...rest, source: { ...kept, quoteDigest: quoteDigest(salt, quote) } };
}
