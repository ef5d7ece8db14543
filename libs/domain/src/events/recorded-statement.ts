import type { ClaimEvent, NewEvent, LogPosition } from './events.js';
import { fold } from '../values/fold.js';
import { memoize } from '../values/text.js';
import type { LocationId } from '../values/identity.js';
import type { Coordinates, PlaceReference } from '../statement/place-reference.js';
import {
  omitUndefined,
  type Extent,
  type Predicate,
  type Stance,
  type Utterance,
} from '../statement/statement.js';
import type { Instant } from '../values/time.js';

/** A void or its reinstatement, in the order of the log. */
export interface Voiding {
  voided: boolean;
  eventId: string;
  recordedAt: Instant;
  position: number;
}

/** The retraction of a statement, with its voids and reinstatements. */
export interface RecordedRetraction {
  retractionId: string;
  eventId: string;
  statedAt: Instant;
  publishedAt: Instant;
  recordedAt: Instant;
  position: number;
  marks: Voiding[];
}

/** The part of a recorded statement that the rules need, with its retractions and voids: everything else is for display. */
export interface RecordedStatement {
  statementId: string;
  eventId: string;
  shard: number;
  position: number;
  recordedAt: Instant;
  statedAt: Instant;
  publishedAt: Instant;
  stance: Stance;
  predicate: Predicate;
  actor?: string;
  extent?: Extent;
  /** Intended, conditional or hedged: a hint, which has no effect. */
  hint?: boolean;
  party?: string;
  /** The first of name, party, first `via` and outlet that is given (docs/domain.md, "origin"). */
  origin: string;
  name?: string;
  /** The name that the statement gave instead of an id, with what it said of the place's location. */
  place?: { name: string; country?: string; region?: string; within?: string };
  /** The coordinates of the place that the source reported. */
  reported?: Coordinates;
  /** The registered places that it may be about, where several have the name. */
  candidates?: LocationId[];
  retractions: RecordedRetraction[];
  marks: Voiding[];
}

/** The origin of an utterance, as given; it is compared folded. */
export const originOf = ({ speaker, via, source }: Utterance | ClaimEvent['data']): string =>
  speaker?.name ?? speaker?.party ?? via?.[0] ?? source?.outlet ?? '';

/** The narrow form of a recorded claim, before anything was retracted or voided. */
export function recordedStatement(event: ClaimEvent & LogPosition): RecordedStatement {
  const { claim, speaker, location, resolution, statedAt, publishedAt } = event.data;
  return {
    statementId: event.statementId!,
    eventId: event.eventId,
    shard: event.shard,
    position: event.position,
    recordedAt: event.recordedAt,
    statedAt,
    publishedAt,
    stance: event.type === 'claim.asserted' ? 'assert' : 'deny',
    predicate: claim.predicate,
    ...(claim.actor !== undefined && { actor: claim.actor }),
    ...(claim.extent && { extent: claim.extent }),
    ...((claim.modality !== 'actual' || claim.certainty !== 'plain') && { hint: true }),
    ...(speaker?.party !== undefined && { party: speaker.party }),
    ...(speaker?.name !== undefined && { name: speaker.name }),
    origin: originOf(event.data),
    ...(location.name !== undefined && { place: mentionOf(location) }),
    ...(location.coordinates && { reported: location.coordinates }),
    ...(resolution?.candidates && { candidates: resolution.candidates }),
    retractions: [],
    marks: [],
  };
}

const mentionOf = ({
  name,
  country,
  region,
  within,
}: PlaceReference): NonNullable<RecordedStatement['place']> => ({
  name: name!,
  ...omitUndefined({ country, region, within }),
});

/** Adds a retraction, a void or a reinstatement to its statement. Events come in the order of the log. */
export function applyToStatement(
  of: RecordedStatement,
  event: NewEvent<'claim.retracted' | 'statement.voided' | 'statement.reinstated'> & LogPosition,
): void {
  const { eventId, recordedAt, position } = event;
  if (event.type === 'claim.retracted') {
    const { retractionId, statedAt, publishedAt } = event.data;
    of.retractions.push({ retractionId, eventId, statedAt, publishedAt, recordedAt, position, marks: [] });
    return;
  }
  const { retractionId } = event.data;
  const voidings =
    retractionId === undefined
      ? of.marks
      : of.retractions.find((one) => one.retractionId === retractionId)?.marks;
  voidings?.push({ voided: event.type === 'statement.voided', eventId, recordedAt, position });
}

/** Whether the last of the voidings that are known at an instant (default: now) is a void. */
export function isVoided(voidings: readonly Voiding[], knownAt?: Instant | null): boolean {
  for (let at = voidings.length - 1; at >= 0; at--)
    if (!knownAt || voidings[at]!.recordedAt <= knownAt) return voidings[at]!.voided;
  return false;
}

/**
 * The total order of statements: by statedAt, then publishedAt, then id (docs/domain.md, "Times"). In SQL it is
 * `STATEMENT_ORDER` (libs/projection).
 */
export function compareStatements(
  a: { statedAt: Instant; publishedAt: Instant; statementId: string },
  b: { statedAt: Instant; publishedAt: Instant; statementId: string },
): number {
  return (
    compare(a.statedAt, b.statedAt) ||
    compare(a.publishedAt, b.publishedAt) ||
    compare(a.statementId, b.statementId)
  );
}

/** Order of code units: plain, fast, and the same everywhere. */
export const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The identity of an origin. */
export const originKey = memoize(fold);
