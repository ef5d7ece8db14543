import { TILE_WIDTH, type Token } from '#libs/domain';
import { firstLink } from './chain.js';
import type { EventStore } from './event-store.js';
import { MISSING, walk, type Link, type ShardFault, type Walked } from './walk.js';

/** Something in the log that does not fit. Shard and position are null for an id that no event bears out. */
export interface LogFault {
  shard: number | null;
  position: number | null;
  what: string;
}

export interface Verified {
  events: number;
  /** The first of each shard; empty where all is as it was written. */
  faults: LogFault[];
}

export interface WalkOptions {
  /**
   * @param total how many events there are to walk
   * @param reached a token to go on after: up to there all fits
   */
  onProgress?: (done: number, total: number, reached: Token) => void;
  /** Ends the walk, which then throws the signal's reason. */
  signal?: AbortSignal;
}

/** What is walked of a shard. */
export interface Part {
  shard: number;
  after: number;
  upTo: number;
  /** How many of its tiles are filled at least. */
  tiles: number;
}

/**
 * Walks parts of shards, one after the other; memory stays flat. @param faultOf looks at what was walked without a fault
 */
export async function walkShards(
  store: EventStore,
  parts: readonly Part[],
  { onProgress, signal }: WalkOptions,
  faultOf: (part: Part, walked: Walked) => Promise<ShardFault | undefined>,
): Promise<Verified> {
  const total = parts.reduce((sum, { after, upTo }) => sum + Math.max(0, upTo - after), 0);
  const reached = new Map(parts.map(({ shard, after }) => [shard, after]));
  const faults: LogFault[] = [];
  let events = 0;
  const client = await store.pool.connect();
  try {
    for (const part of parts) {
      const onPage = ({ position }: Link) => {
        signal?.throwIfAborted();
        const before = reached.get(part.shard)!;
        if (position <= before) return;
        reached.set(part.shard, position);
        events += position - before;
        onProgress?.(events, total, reached);
      };
      const from = await startOf(store, part);
      const walked = from && (await walk(client, store.pool, { ...part, shards: store.shards, from }, onPage));
      const fault = walked ? (walked.fault ?? (await faultOf(part, walked))) : { position: Math.min(part.upTo + 1, part.after), what: MISSING };
      if (fault) faults.push({ shard: part.shard, ...fault });
    }
  } finally {
    client.release();
  }
  return { events, faults };
}

/** Where to begin: before the tile in which the next event lies, so that the whole of it is walked. Undefined where nothing is there any longer. */
async function startOf(store: EventStore, { shard, after, upTo }: Part): Promise<Link | undefined> {
  const position = after - (after % TILE_WIDTH);
  if (upTo < after) return undefined;
  if (position === 0) return { position, recordedAt: '', chain: firstLink(store.id, shard) };
  const [before] = await store.readStored(shard, position - 1, 1, { upTo: position });
  return before && { position, recordedAt: before.recordedAt, chain: Buffer.from(before.chain, 'hex') };
}
