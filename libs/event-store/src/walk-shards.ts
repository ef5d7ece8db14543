import { TILE_WIDTH, type Token } from '#libs/domain';
import type pg from 'pg';
import { firstLink } from './chain.js';
import type { EventStore } from './event-store.js';
import { MISSING, Walk, type Link, type ShardFault } from './walk.js';

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
 * Walks parts of shards, all of them side by side in the order of time: what was recorded together lies together in the
 * database. Memory stays flat. @param faultOf looks at what was walked without a fault
 */
export async function walkShards(
  store: EventStore,
  parts: readonly Part[],
  { onProgress, signal }: WalkOptions,
  faultOf: (part: Part, walk: Walk) => Promise<ShardFault | undefined>,
): Promise<Verified> {
  const total = parts.reduce((sum, { after, upTo }) => sum + Math.max(0, upTo - after), 0);
  const reached = new Map(parts.map(({ shard, after }) => [shard, after]));
  const faults: LogFault[] = [];
  let events = 0;
  const walks = new Map<Walk, Part>();
  for (const part of parts) {
    const from = await startOf(store, part);
    if (from) walks.set(new Walk(store.pool, { ...part, shards: store.shards, from }), part);
    else faults.push({ shard: part.shard, position: Math.min(part.upTo + 1, part.after), what: MISSING });
  }
  for await (const walk of walkAll(store.pool, [...walks.keys()])) {
    signal?.throwIfAborted();
    const { shard } = walks.get(walk)!;
    const before = reached.get(shard)!;
    if (walk.last.position <= before) continue;
    reached.set(shard, walk.last.position);
    events += walk.last.position - before;
    onProgress?.(events, total, reached);
  }
  for (const [walk, part] of walks) {
    const fault = walk.fault ?? (await faultOf(part, walk));
    if (fault) faults.push({ shard: part.shard, ...fault });
  }
  return { events, faults: faults.toSorted((a, b) => a.shard! - b.shard!) };
}

/**
 * Takes walks on, page by page, that which is behind first; tells of each page. The next one is on its way while one is
 * looked at, and the database looks up the ids of one while the next is looked at.
 */
async function* walkAll(pool: pg.Pool, walks: readonly Walk[]): AsyncGenerator<Walk> {
  const client = await pool.connect();
  const readNext = () => {
    const next = walks.reduce<Walk | undefined>(
      (first, walk) => (walk.open && !(first && first.time <= walk.time) ? walk : first),
      undefined,
    );
    return next && { walk: next, page: awaited(next.read(client)) };
  };
  let coming = readNext();
  let taken: { walk: Walk; told: Promise<void> } | undefined;
  try {
    while (coming) {
      const { walk } = coming;
      const page = await coming.page;
      coming = readNext();
      const told = awaited(walk.take(page));
      if (taken) {
        await taken.told;
        yield taken.walk;
      }
      taken = { walk, told };
    }
    if (taken) {
      await taken.told;
      yield taken.walk;
    }
  } finally {
    await coming?.page.catch(() => {});
    client.release();
  }
}

/** It is awaited when it is needed; one that fails before must not end the process. */
function awaited<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Where to begin: before the tile in which the next event lies, so that the whole of it is walked. Undefined where nothing is there any longer. */
async function startOf(store: EventStore, { shard, after, upTo }: Part): Promise<Link | undefined> {
  const position = after - (after % TILE_WIDTH);
  if (upTo < after) return undefined;
  if (position === 0) return { position, recordedAt: '', chain: firstLink(store.id, shard) };
  const [before] = await store.readStored(shard, position - 1, 1, { upTo: position });
  return before && { position, recordedAt: before.recordedAt, chain: before.chain };
}
