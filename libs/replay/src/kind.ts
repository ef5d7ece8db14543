import type { Replay, ReplayState } from './replay.js';

/** What a run of one kind does. */
export interface ReplayKind {
  readonly kind: string;
  /** Whether one at a time runs, of all processes; the others wait. Of a kind without it a few run at once in each process. */
  readonly exclusive: boolean;
  /**
   * Does the run, from its cursor on.
   * @returns what it came to, to be kept with it as JSON; null for nothing
   * @throws the signal's reason, where it was given; whatever else it throws makes the run a failed one
   */
  run(replay: Replay, progress: RunProgress, signal: AbortSignal): Promise<object | null>;
  /** Takes away what is left of a run that will not go on: it was cancelled, or has failed. What it throws is told, and changes nothing. */
  discard(replay: Replay): Promise<void>;
}

/** How a run says where it is; it is written down about once a second. */
export interface RunProgress {
  readonly done: number;
  /** @param total once it is known; @param cursor where the run goes on if this process dies: only what is done for good */
  reach(done: number, more?: { total?: number; cursor?: string }): void;
  /** Writes it down now. */
  keep(): Promise<void>;
}

/** The reason of a run's signal where somebody cancelled it. */
export class Cancelled extends Error {
  override name = 'Cancelled';
}

/** The reason of a run's signal where it is put down: the process stops, or has lost its hold on the run. */
export class PutDown extends Error {
  override name = 'PutDown';
}

/** How a run left a process: ended, or put down (`waiting`) for another one. */
export type Left = Exclude<ReplayState, 'running'>;
