import type { Job, JobState } from './job.js';

/** The work of the runs of one kind. */
export interface JobHandler {
  readonly kind: string;
  /** Whether only one run at a time is under way, over all processes; otherwise a few at once in each process. */
  readonly exclusive: boolean;
  /**
   * Does the run, from its cursor on.
   * @returns its result, kept with it as JSON; null if it has none
   * @throws the signal's reason, if it was given; after any other exception the run has failed
   */
  run(job: Job, progress: JobProgress, signal: AbortSignal): Promise<object | null>;
  /** Removes the remains of a cancelled or failed run. An exception is reported, and changes nothing. */
  discard(job: Job): Promise<void>;
}

/** Takes the progress of a run, which is stored about once a second. */
export interface JobProgress {
  readonly done: number;
  /** @param total once it is known; @param cursor where the run resumes if this process dies: after the settled part only */
  reach(done: number, more?: { total?: number; cursor?: string }): void;
  /** Stores it now. */
  keep(): Promise<void>;
}

/** The reason of a run's signal if somebody cancelled it. */
export class JobCancelled extends Error {
  override name = 'JobCancelled';
}

/** The reason of a run's signal if it is interrupted: the process stops, or has lost its lock on the run. */
export class JobInterrupted extends Error {
  override name = 'JobInterrupted';
}

/** The state in which a process left a run: ended, or released (`waiting`) for another process. */
export type JobOutcome = Exclude<JobState, 'running'>;
