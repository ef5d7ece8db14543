import type { Instant, PlacedEvent } from '#libs/domain';

/** The parts of the log that read models need besides a feed: its heads, and the events that they have missed. */
export interface LogReader {
  /** The last event of each shard: position 0 and no time while it is empty. */
  heads(): Promise<{ shard: number; position: number; recordedAt: Instant | null }[]>;
  /** The events of a shard after a position, at most `limit`, in order. */
  readShard(shard: number, after: number, limit: number): Promise<PlacedEvent[]>;
}

/** The further parts of the log that a rebuild needs. */
export interface LogArchive extends LogReader {
  /** The events of a shard up to a position, stream by stream (by the bytes of their names), each in its order; in pages of any length. */
  readByStream(shard: number, upTo: number, signal?: AbortSignal): AsyncIterable<PlacedEvent[]>;
  /** The number of shards. */
  readonly shards: number;
}
