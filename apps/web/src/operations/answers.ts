import type { Instant } from '../api/answers.js';

/** The answers of the API about the service itself, as far as the page reads them. */
export interface Projections {
  rulesetVersion: string;
  items: { shard: number; checkpoint: number; head: number; lag: { events: number; seconds: number } }[];
}

export interface Run {
  replayId: string;
  kind: string;
  state: string;
  done: number;
  total: number | null;
  rate: number | null;
  eta: Instant | null;
  error: string | null;
  cancelRequested: boolean;
  createdAt: Instant;
  startedAt: Instant | null;
  endedAt: Instant | null;
}

export interface Checkpoint {
  storeId: string;
  time: Instant;
  heads: { shard: number; size: number; root: string }[];
}

export interface Health {
  status: string;
  open?: string;
  warnings?: string[];
  detail?: string;
}

export interface LetterCounts {
  open: number;
  retried: number;
  discarded: number;
  codes: { code: string; open: number }[];
}

/** A version of the ruleset. */
export interface RulesetVersion {
  version: string;
  firstUsedAt: Instant;
  inForce: boolean;
}

export interface DeadLetter {
  id: string;
  topic: string;
  partition: number;
  offset: string;
  code: string;
  detail: string;
  deadAt: Instant;
  outcome: 'retried' | 'discarded' | null;
  decidedAt: Instant | null;
  decidedBy: string | null;
}

/** Bytes of a message: text, or in base64. */
export interface Bytes {
  text: string | null;
  base64: string | null;
}

export interface WholeLetter extends DeadLetter {
  key: Bytes | null;
  headers: { name: string; value: Bytes | null }[];
  value: Bytes | null;
}
