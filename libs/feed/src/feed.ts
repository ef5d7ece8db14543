import type { RecordedEvent, Token } from '#libs/domain';

/** Takes the events of the log. It alone knows how far it has got: what it handled and how far it is change together. */
export interface Subscriber {
  /** For each shard, the position up to which everything is handled; a shard that is not named is at 0. */
  position(): Promise<Token>;
  /** Handles events of one or several shards, in order within each shard. Some may have been handled before. */
  handle(batch: RecordedEvent[]): Promise<void>;
}

/** The events of each shard after the position of the subscriber, then live. */
export interface Feed {
  /** Delivers until the signal is given. A batch that the subscriber fails on is delivered again, after a while. */
  run(subscriber: Subscriber, signal: AbortSignal): Promise<void>;
}
