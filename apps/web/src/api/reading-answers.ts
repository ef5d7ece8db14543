import type { Instant, Status } from './answers.js';
import type { Statement } from './place-answers.js';

// The answers about changes, speakers, outlets and proofs, as far as the page reads them.

export interface Change {
  id: string;
  name: string;
  at: Instant;
  from: { status: Status; holders: string[] };
  to: { status: Status; rule: string; holders: string[] };
  eventId: string;
  /** What caused it: a statement, or the retraction of one, which then has the event of the change. */
  statement?: Pick<
    Statement,
    | 'statementId'
    | 'eventId'
    | 'stance'
    | 'claim'
    | 'speaker'
    | 'origin'
    | 'statedAt'
    | 'statedPrecision'
    | 'source'
    | 'retracted'
  > | null;
}

export type Outcome =
  | 'voided'
  | 'retracted'
  | 'no-effect'
  | 'disputed'
  | 'conceded'
  | 'corroborated'
  | 'claimed'
  | 'withdrawn'
  | 'denied'
  | 'superseded';

export interface Outcomes {
  statements: number;
  firstStatedAt: Instant | null;
  lastStatedAt: Instant | null;
  counted: number;
  places: number;
  outcomes: { outcome: Outcome; position: 'for' | 'against' | null; count: number }[];
  rulesetVersion: string;
}

/** That an event is in the tree of its shard. */
export interface Proof {
  shard: number;
  position: number;
  storeId: string;
  digest: string;
  leaf: string;
  size: number;
  root: string;
  path: unknown[];
}
