import type { PlacedEvent, Token } from '#libs/domain';

/** Takes the events of the log. It alone knows how far it has got: what it handled and how far it is change together. */
export interface Subscriber {
  /** For each shard, the position up to which everything is handled; a shard that is not named is at 0. */
  position(): Promise<Token>;
  /** Handles events of one or several shards, in order within each shard. Some may have been handled before. */
  handle(batch: PlacedEvent[]): Promise<void>;
}

/** A shard that does not go on, because of one event; it is tried again and again. */
export interface StoppedShard {
  shard: number;
  /** The event that cannot be read or handled; undefined where it is not the event's fault, or it is not known which. */
  position?: number | undefined;
  eventId?: string | undefined;
  reason: string;
}

/** The events of each shard after the position of the subscriber, then live. */
export interface Feed {
  /** Delivers until the signal is given. A batch that the subscriber fails on is delivered again, after a while. */
  run(subscriber: Subscriber, signal: AbortSignal): Promise<void>;
  /** The shards that stand still at the moment; the others go on. */
  stopped(): StoppedShard[];
}

/** Hears of what went wrong; the feed goes on. `shards` are those that stand still for it. */
export type OnFeedError = (error: unknown, shards: readonly StoppedShard[]) => void;
