import type { Instant, Page, State, Status } from './answers.js';

// The answers about one place and its statements, as far as the page reads them.

export type StatedPrecision = 'year' | 'month' | 'day' | 'time';
export type OccurredPrecision = StatedPrecision | 'week' | 'hour' | 'minute' | 'second';

export const PREDICATES = [
  'captured',
  'controls',
  'lost',
  'withdrew',
  'encircled',
  'entered',
  'fighting',
] as const;
export type Predicate = (typeof PREDICATES)[number];
export const STANCES = ['assert', 'deny'] as const;
export type Stance = (typeof STANCES)[number];

/** How much of the place: a share, or a part in words. */
export type Extent = { op: '=' | '>' | '>=' | '<' | '<='; percent: number } | { part: string };

export interface Claim {
  predicate: Predicate;
  actor?: string;
  givenActor?: string;
  extent?: Extent;
  /** Whom the actor encircles or fights. */
  target?: string;
  modality?: 'actual' | 'intended' | 'conditional';
  certainty?: 'plain' | 'hedged';
}

export interface Speaker {
  name: string | null;
  role: string | null;
  party: string | null;
  givenParty?: string;
  side: string;
}

export interface Source {
  outlet?: string;
  url?: string;
  language?: string;
  documentSha256?: string;
  span?: { start: number; end: number };
  quote: string | null;
  quoteErased?: boolean;
}

interface Remarks {
  eventId: string;
  recordedAt: Instant;
  by: string | null;
  onBehalfOf: string | null;
  reason: string | null;
}

export interface Retracted extends Remarks {
  retractionId: string;
  statedAt: Instant;
  speaker: Speaker;
  source: Source | null;
}

export interface Voided extends Remarks {
  replacedBy: string | null;
}

export interface Statement extends Remarks {
  statementId: string;
  stance: Stance;
  locationId: string;
  place: { id: string; name: string };
  claim: Claim;
  /** The place as the statement names it. */
  location: {
    id?: string;
    code?: { scheme: string; value: string };
    name?: string;
    region?: string;
    country?: string;
    within?: string;
    coordinates?: [number, number];
  };
  speaker: Speaker;
  /** Through whom it came, nearest to the speaker first. */
  via: string[];
  origin: string;
  corrects: string | null;
  occurredAt: { from: Instant; to?: Instant; precision: OccurredPrecision } | null;
  statedAt: Instant;
  statedPrecision: StatedPrecision;
  publishedAt: Instant;
  publishedPrecision: StatedPrecision;
  source: Source | null;
  grading: { reliability?: string; credibility?: number } | null;
  extraction: { method?: string; version?: string; confidence?: number } | null;
  retracted: Retracted | null;
  voided: Voided | null;
  shard: number;
  position: number;
}

/** An interval in which status and holders stayed the same. */
export interface Interval {
  from: Instant;
  to: Instant | null;
  status: Status;
  rule: string;
  holders: string[];
  eventId: string;
}

export interface Pair<T> {
  a: T | null;
  b: T | null;
}

/** How a statement stands at a moment. */
export type Bearing = 'unseen' | 'counts' | 'retracted' | 'voided';

export interface Comparison {
  a: State | null;
  b: State | null;
  differences: {
    status: Pair<Pick<State, 'status' | 'rule' | 'since'>> | null;
    control: (Pair<{ standing: string; rule: string; extent: Extent | null }> & { holder: string })[];
    flags: (Pair<{ assertedBy: string[]; deniedBy: string[] }> & { flag: string; holder: string | null })[];
    statements: Page<{ a: Bearing; b: Bearing; statement: Statement }>;
  };
}

/** The trees over the log: the head of a shard is its size and the root over that many events. */
export interface Checkpoint {
  storeId: string;
  time: Instant;
  heads: { shard: number; size: number; root: string }[];
}
