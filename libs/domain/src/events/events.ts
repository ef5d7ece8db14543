import {
  canonicalJson,
  rewriteFields,
  type EventId,
  type LocationId,
  type StatementId,
  type WrittenFields,
} from '../values/identity.js';
import type { Coordinates, PlaceCode, Resolution } from '../statement/place-reference.js';
import type { Retraction, Source, Statement, StatementContent, Utterance } from '../statement/statement.js';

// The storage format. Past tense, never rewritten; an old schemaVersion is upcast on reading (upcast.ts).

/** A source as an event keeps it: the quote is other people's text, so the event holds only its salted digest. */
export type SourceRecord = Omit<Source, 'quote'> & { quoteDigest?: string };

type Recorded<T extends Utterance> = Omit<T, 'source'> & { source?: SourceRecord };

export type ClaimData = Recorded<Omit<StatementContent, 'stance'>> &
  Pick<Statement, 'grading' | 'extraction' | 'reason'> & {
    /** How the place was found, unless its id or name already shows it (`isPlain`). */
    resolution?: Resolution;
    /** The statement that this one corrects; its void names this one. */
    corrects?: StatementId;
  };

export type RetractionData = Recorded<Utterance> & Pick<Retraction, 'reason'> & { retractionId: string };

/**
 * `retractionId` is given where a retraction is voided or reinstated, not the statement itself. Every new void has a
 * `reason`; older ones may have none.
 */
export interface VoidingData {
  retractionId?: string;
  reason?: string;
  /** The statement that was recorded in place of the voided one, in the same append. */
  replacedBy?: StatementId;
}

/** A name of a place. `kind`: how it is used, as the gazetteer says (official, alias, former, ...). */
export interface Toponym {
  name: string;
  language?: string;
  script?: string;
  kind?: string;
}

/** Registering a place again adds its names and codes, and replaces its countries, region and surrounding place. */
export interface RegistrationData {
  locationId: LocationId;
  names: Toponym[];
  codes?: PlaceCode[];
  coordinates?: Coordinates;
  country?: string;
  /** Every country that it is said to be in, where these are several: `country` is the first. */
  countries?: string[];
  region?: string;
  within?: LocationId;
  reason?: string;
}

interface OfPlace {
  locationId: LocationId;
  reason?: string;
}

/** What operators and curators do that no statement and no place records. */
export const OPERATIONS = [
  'quote.erased',
  'ruleset.adopted',
  'replay.started',
  'replay.cancelled',
  'dead-letter.retried',
  'dead-letter.discarded',
  'key.created',
  'key.rotated',
  'key.revoked',
  'session.ended',
  'sessions.ended',
] as const;
export type Operation = (typeof OPERATIONS)[number];

export interface OperationData {
  operation: Operation;
  /**
   * What it was done to: the id of a statement or a retraction, of a run, of a key or of a session, the version of a
   * ruleset, `topic:partition:offset` of a dead letter, or the key or account (`issuer#subject`) whose sessions ended.
   */
  subject: string;
  /** More of it, in words. */
  detail?: string;
  reason?: string;
}

export interface EventData {
  'claim.asserted': ClaimData;
  'claim.denied': ClaimData;
  'claim.retracted': RetractionData;
  'statement.voided': VoidingData;
  'statement.reinstated': VoidingData;
  'location.registered': RegistrationData;
  'location.name-added': OfPlace & Toponym;
  'location.name-removed': OfPlace & { name: string };
  'location.code-added': OfPlace & PlaceCode;
  'location.code-removed': OfPlace & PlaceCode;
  'location.positioned': OfPlace & { coordinates: Coordinates };
  'location.merged': OfPlace & { into: LocationId };
  'location.unmerged': OfPlace & { from: LocationId };
  'operation.performed': OperationData;
}

export type EventType = keyof EventData;

/** An event to append. The store digests and keeps its canonical JSON. */
export type NewEvent<T extends EventType = EventType> = {
  [K in T]: {
    eventId: EventId;
    type: K;
    schemaVersion: number;
    stream: string;
    statementId?: StatementId;
    data: EventData[K];
    /** Who did it: the name and id of a key or an account; where the caller was unknown, what the client said. */
    by?: string;
    /** The `by` of the client, where `by` is a key's or an account's. */
    onBehalfOf?: string;
  };
}[T];

/**
 * The canonical text of an event, as it is stored.
 * @param content what the statement says that it records: the fields that its data has too are not written again
 */
export function eventText(event: NewEvent, content?: WrittenFields): string {
  if (!content) return canonicalJson(event);
  const { by, eventId, onBehalfOf, schemaVersion, statementId, stream, type } = event;
  const data = rewriteFields(event.data, content);
  const rest = canonicalJson({ eventId, onBehalfOf, schemaVersion, statementId, stream, type });
  return `${by === undefined ? '{' : `{"by":${canonicalJson(by)},`}"data":${data},${rest.slice(1)}`;
}

/** The fields that the store adds. `digest` and `chain` are sha256 in hexadecimal. */
export interface ChainedLogPosition {
  shard: number;
  position: number;
  recordedAt: string;
  digest: string;
  chain: string;
  /** The epoch in which it was recorded; absent: the first. */
  epoch?: number;
}

export type LogPosition = Omit<ChainedLogPosition, 'chain'>;

export type RecordedEvent<T extends EventType = EventType> = NewEvent<T> & ChainedLogPosition;

/** An event with its place in the log, as readers receive it: the link of the chain stays in the store. */
export type PlacedEvent<T extends EventType = EventType> = NewEvent<T> & LogPosition;

export const CLAIMS = ['claim.asserted', 'claim.denied'] as const;
export const VOIDINGS = ['statement.voided', 'statement.reinstated'] as const;
export const REGISTER = [
  'location.registered',
  'location.name-added',
  'location.name-removed',
  'location.code-added',
  'location.code-removed',
  'location.positioned',
  'location.merged',
  'location.unmerged',
] as const;

export const EVENT_TYPES: readonly EventType[] = [
  ...CLAIMS,
  'claim.retracted',
  ...VOIDINGS,
  ...REGISTER,
  'operation.performed',
];

/** The events of commands of curators and operators: all but what ingest workers record. */
export const AUDITED: readonly EventType[] = [...VOIDINGS, ...REGISTER, 'operation.performed'];

export type ClaimEvent = NewEvent<(typeof CLAIMS)[number]>;
export type VoidingEvent = NewEvent<(typeof VOIDINGS)[number]>;
export type RegisterEvent = NewEvent<(typeof REGISTER)[number]>;

const isOneOf =
  <T extends EventType>(types: readonly T[]) =>
  <E extends { type: EventType }>(event: E): event is E & { type: T } =>
    (types as readonly EventType[]).includes(event.type);

export const isClaim = isOneOf(CLAIMS);
export const isVoiding = isOneOf(VOIDINGS);
export const isRegister = isOneOf(REGISTER);
export const isOperation = isOneOf(['operation.performed']);

/** The version in which events are written now, by type. */
export const SCHEMA_VERSION = 1;
