import type { PlacedEvent, Token } from '#libs/domain';

/** Takes the events of the log. It keeps its own position, which changes together with what it has handled. */
export interface Subscriber {
  /** For each shard, the position up to which everything is handled; a shard that is not named is at 0. */
  checkpoints(): Promise<Token>;
  /** Handles events of one or several shards, in order within each shard. Some may have been handled before. */
  handle(batch: PlacedEvent[]): Promise<void>;
}

/** A shard that is stuck at one event, which is retried. */
export interface StoppedShard {
  shard: number;
  /** The event that cannot be read or handled; undefined where no event is at fault, or it is unknown. */
  position?: number | undefined;
  eventId?: string | undefined;
  reason: string;
}

/** The events of each shard after the position of the subscriber, then live. */
export interface Feed {
  /** Delivers until the signal is aborted. A batch that the subscriber fails on is delivered again, after a rest. */
  run(subscriber: Subscriber, signal: AbortSignal): Promise<void>;
  /** The shards that are stuck now; the others continue. */
  stopped(): StoppedShard[];
}

/** Called for an error; the feed continues. `shards` are those that are stuck because of it. */
export type OnFeedError = (error: unknown, shards: readonly StoppedShard[]) => void;
