import type { Instant } from '#libs/domain';

/** Why a request for a job is refused, beside the codes of the domain. */
export type JobRefusalCode = 'replay-invalid' | 'replay-not-found' | 'replay-ended' | 'replays-full';

/** `waiting`: no process has claimed it yet, or the one that had has released it. */
export const JOB_STATES = ['waiting', 'running', 'done', 'failed', 'cancelled'] as const;
export type JobState = (typeof JOB_STATES)[number];

/** A run of a replay: its task and its progress. */
export interface Job {
  id: string;
  kind: string;
  /** The task, in the form of its kind. */
  spec: unknown;
  state: JobState;
  done: number;
  /** Null while it is not known. */
  total: number | null;
  /** The recent increase of `done` per second; null if it is not running. */
  rate: number | null;
  /** Where it resumes, in the form of its kind: a token, if it reads the log in order. */
  cursor: string | null;
  /** The result, in the form of its kind. */
  result: unknown;
  error: string | null;
  cancelRequested: boolean;
  /** The number of times it was claimed since its cursor last moved. */
  attempts: number;
  createdAt: Instant;
  startedAt: Instant | null;
  updatedAt: Instant;
  endedAt: Instant | null;
}

export const isOpen = ({ state }: Pick<Job, 'state'>): boolean => state === 'waiting' || state === 'running';

/** The time at which it will end at its recent rate; null if it is not running, or total or rate is unknown. */
export function estimatedEnd({ state, done, total, rate, updatedAt }: Job): Instant | null {
  if (state !== 'running' || total === null || !rate) return null;
  return new Date(Date.parse(updatedAt) + (Math.max(0, total - done) / rate) * 1000).toISOString();
}
