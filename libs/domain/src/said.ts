import type { ClaimEvent, NewEvent, Placed } from './events.js';
import { fold } from './fold.js';
import { remembered } from './text.js';
import type { LocationId } from './identity.js';
import type { Coordinates, PlaceReference } from './place-reference.js';
import { given, type Extent, type Predicate, type Stance, type Utterance } from './statement.js';
import type { Instant } from './time.js';

/** A void or its reinstatement, in the order of the log. */
export interface Mark {
  voided: boolean;
  eventId: string;
  recordedAt: Instant;
  position: number;
}

/** The retraction of a statement, with its voids and reinstatements. */
export interface Withdrawal {
  retractionId: string;
  eventId: string;
  statedAt: Instant;
  publishedAt: Instant;
  recordedAt: Instant;
  position: number;
  marks: Mark[];
}

/** The part of a recorded statement that the rules need, with its retractions and voids: everything else is for display. */
export interface Said {
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
  retractions: Withdrawal[];
  marks: Mark[];
}

/** The origin of an utterance, as given; it is compared folded. */
export const originOf = ({ speaker, via, source }: Utterance | ClaimEvent['data']): string =>
  speaker?.name ?? speaker?.party ?? via?.[0] ?? source?.outlet ?? '';

/** The narrow form of a recorded claim, before anything was retracted or voided. */
export function said(event: ClaimEvent & Placed): Said {
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

const mentionOf = ({ name, country, region, within }: PlaceReference): NonNullable<Said['place']> => ({
  name: name!,
  ...given({ country, region, within }),
});

/** Adds a retraction, a void or a reinstatement to its statement. Events come in the order of the log. */
export function mark(
  of: Said,
  event: NewEvent<'claim.retracted' | 'statement.voided' | 'statement.reinstated'> & Placed,
): void {
  const { eventId, recordedAt, position } = event;
  if (event.type === 'claim.retracted') {
    const { retractionId, statedAt, publishedAt } = event.data;
    of.retractions.push({ retractionId, eventId, statedAt, publishedAt, recordedAt, position, marks: [] });
    return;
  }
  const { retractionId } = event.data;
  const marks =
    retractionId === undefined
      ? of.marks
      : of.retractions.find((one) => one.retractionId === retractionId)?.marks;
  marks?.push({ voided: event.type === 'statement.voided', eventId, recordedAt, position });
}

/** Whether the last event among `marks` that is known at an instant (default: now) is a void. */
export function isVoided(marks: readonly Mark[], knownAt?: Instant | null): boolean {
  for (let at = marks.length - 1; at >= 0; at--)
    if (!knownAt || marks[at]!.recordedAt <= knownAt) return marks[at]!.voided;
  return false;
}

/** The total order of statements: by statedAt, then publishedAt, then id (docs/domain.md, "Times"). */
export function inOrder(
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
export const originKey = remembered(fold);
