import type { Refusal } from './errors.js';
import type { Outgoing } from './outgoing.js';
import type { Bounds } from './send-queue.js';

/** Brings batches to the service, one at a time. */
export interface Transport {
  /** Of one batch. */
  readonly bounds: Readonly<Bounds>;
  /** Whether `next` can go in the batch that begins with `first`. */
  joins(first: Outgoing, next: Outgoing): boolean;
  /**
   * Resolves when all of the batch is acknowledged, with what was refused of it.
   * @throws where it is not, or nobody knows; sending all of it again doubles nothing
   */
  send(batch: readonly Outgoing[], signal: AbortSignal): Promise<Refusal[]>;
  /** Whether an error may pass. */
  passes(error: unknown): boolean;
  /** Resolves within seconds, whatever is away. */
  close(): Promise<void>;
}
