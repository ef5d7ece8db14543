import type { Instant } from '#libs/domain';

/** `waiting`: nobody has taken it up yet, or whoever had has put it down. */
export const STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export type ReplayState = (typeof STATES)[number];

/** A run of a replay: what is to be done, and how far it is. */
export interface Replay {
  id: string;
  kind: string;
  /** What is to be done, in the words of the kind. */
  spec: unknown;
  state: ReplayState;
  done: number;
  /** Null while it is not known. */
  total: number | null;
  /** So many of `done` a second of late; null where it does not run. */
  rate: number | null;
  /** Where it goes on, in the words of the kind: a token, for one that reads the log in order. */
  cursor: string | null;
  /** What it came to, in the words of the kind. */
  result: unknown;
  error: string | null;
  cancelRequested: boolean;
  /** How often it was taken up since it last got on. */
  attempts: number;
  createdAt: Instant;
  startedAt: Instant | null;
  updatedAt: Instant;
  endedAt: Instant | null;
}

export const isOpen = ({ state }: Pick<Replay, 'state'>): boolean =>
  state === 'waiting' || state === 'running';

/** When it will be done, if it goes on as it does. */
export function estimatedEnd({ state, done, total, rate, updatedAt }: Replay): Instant | null {
  if (state !== 'running' || total === null || !rate) return null;
  return new Date(Date.parse(updatedAt) + (Math.max(0, total - done) / rate) * 1000).toISOString();
}
