import type { EventType, PlacedEvent, Token } from '#libs/domain';
import type { RetryOptions } from './patience.js';

/** An event, or a position that was passed over. */
export interface Entry {
  shard: number;
  position: number;
  event?: PlacedEvent;
}

/** What a reading is about, checked. */
export interface Reading extends RetryOptions {
  after: Token;
  types: readonly EventType[] | undefined;
  follow: boolean;
  pollMs: number;
  signal: AbortSignal;
}
