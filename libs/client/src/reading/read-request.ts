import type { EventType, PlacedEvent, Token } from '#libs/domain';
import type { RetryOptions } from '../retry-policy.js';

/** An event, or a position that was skipped. */
export interface Entry {
  shard: number;
  position: number;
  /** The epoch in which it was recorded, where it is not the first. */
  epoch?: number | undefined;
  event?: PlacedEvent;
}

/** The validated options of a read. */
export interface ReadRequest extends RetryOptions {
  after: Token;
  types: readonly EventType[] | undefined;
  follow: boolean;
  pollMs: number;
  signal: AbortSignal;
}
