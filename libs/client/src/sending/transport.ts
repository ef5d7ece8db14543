import type { Refusal } from '../errors.js';
import type { Outgoing } from './outgoing.js';
import type { Bounds } from './send-queue.js';

/** Sends batches to the service, one at a time. */
export interface Transport {
  /** The limits of one batch. */
  readonly bounds: Readonly<Bounds>;
  /** Whether `next` can go in the batch that begins with `first`. */
  joins(first: Outgoing, next: Outgoing): boolean;
  /**
   * Resolves when all of the batch is acknowledged, with its refusals.
   * @throws where it is not, or the outcome is unknown; sending all of it again adds no duplicates
   */
  send(batch: readonly Outgoing[], signal: AbortSignal): Promise<Refusal[]>;
  /** Whether an error is transient. */
  isTransient(error: unknown): boolean;
  /** Resolves within seconds, even while the service or the brokers are away. */
  close(): Promise<void>;
}
