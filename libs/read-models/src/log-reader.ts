import type { Instant, PlacedEvent } from '#libs/domain';

/** What read models need of the log, besides a feed: where it ends, and what they have missed. */
export interface LogReader {
  /** The last event of each shard: position 0 and no time while it is empty. */
  heads(): Promise<{ shard: number; position: number; recordedAt: Instant | null }[]>;
  /** The events of a shard after a position, at most `limit`, in order. */
  readShard(shard: number, after: number, limit: number): Promise<PlacedEvent[]>;
}
