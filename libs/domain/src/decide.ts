import { SCHEMA_VERSION, type ClaimData, type ClaimEvent, type MarkEvent, type NewEvent, type SourceRecord } from './events.js';
import { claimEventId, sha256, type EventId, type LocationId, type StatementId } from './identity.js';
import { accept, refuse, type Outcome } from './refusal.js';
import type { Resolution } from './place-reference.js';
import { isPlain } from './resolution.js';
import type { Ruleset, SideKey } from './ruleset.js';
import { originKey, originOf } from './said.js';
import { given, type Retraction, type Source, type Statement, type Utterance } from './statement.js';

/** The digest of a quote under its salt: the event keeps it when the text itself has been erased. Hexadecimal. */
export const quoteDigest = (salt: string, quote: string): string => sha256(`${salt}:${quote}`).toString('hex');

/**
 * The event of a statement that is valid and whose place is resolved.
 * @param salt random text; kept beside the quote, not in the event
 * @param found how the place was found; kept where the reference and the place's id do not tell it
 */
export function claimEvent(statement: Statement, location: LocationId, salt: string, found?: Resolution): ClaimEvent {
  const { id, content, grading, extraction, by, reason } = statement;
  const { stance, ...rest } = content;
  const resolution = found && !isPlain(found, content.location, location) ? found : undefined;
  return {
    eventId: claimEventId(id),
    type: stance === 'assert' ? 'claim.asserted' : 'claim.denied',
    schemaVersion: SCHEMA_VERSION,
    stream: location,
    statementId: id,
    data: { ...withoutQuote(rest, salt), ...given({ resolution, grading, extraction, reason }) },
    ...given({ by }),
  };
}

/** Who may retract what: a party what its own side said, an independent what it said itself (docs/domain.md, "Events"). */
export function decideOnRetraction(
  retraction: Retraction,
  claim: ClaimEvent,
  ruleset: Ruleset,
  eventId: EventId,
  salt: string,
): Outcome<NewEvent<'claim.retracted'>> {
  if (sideOf(retraction.content, ruleset) !== sideOf(claim.data, ruleset))
    return refuse('retraction-foreign', 'only the side that made a statement can take it back', [
      { pointer: '/speaker', detail: 'is of another side than the statement' },
    ]);
  const { by, reason, id: retractionId } = retraction;
  return accept({
    eventId,
    type: 'claim.retracted',
    schemaVersion: SCHEMA_VERSION,
    stream: claim.stream,
    statementId: claim.statementId!,
    data: { retractionId, ...withoutQuote(retraction.content, salt), ...given({ reason }) },
    ...given({ by }),
  });
}

/** What a void or its reinstatement is about: a statement, or (with `retractionId`) a retraction of it. */
export interface MarkTarget {
  stream: string;
  statementId: StatementId;
  retractionId?: string;
  voided: boolean;
}

/** A void of what is voided, and a reinstatement of what is not, change nothing. */
export function decideOnMark(wanted: boolean, target: MarkTarget, remarks: { by?: string; reason?: string }, eventId: EventId): MarkEvent[] {
  if (target.voided === wanted) return [];
  const { stream, statementId, retractionId } = target;
  const { by, reason } = remarks;
  return [
    {
      eventId,
      type: wanted ? 'statement.voided' : 'statement.reinstated',
      schemaVersion: SCHEMA_VERSION,
      stream,
      statementId,
      data: given({ retractionId, reason }),
      ...given({ by }),
    },
  ];
}

function sideOf(utterance: Utterance | ClaimData, ruleset: Ruleset): SideKey {
  const party = utterance.speaker?.party;
  return party === undefined ? `independent:${originKey(originOf(utterance))}` : ruleset.party(party).side;
}

function withoutQuote<T extends { source?: Source }>(content: T, salt: string): Omit<T, 'source'> & { source?: SourceRecord } {
  const { source, ...rest } = content;
  if (!source) return rest;
  const { quote, ...kept } = source;
  return { ...rest, source: { ...kept, ...(quote !== undefined && { quoteDigest: quoteDigest(salt, quote) }) } };
}
