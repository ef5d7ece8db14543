import { GrowingTree, HASH_BYTES, leafHash, leafOf, rootOfTile, TILE_BYTES, TILE_WIDTH } from '#libs/domain';
import type pg from 'pg';
import { linkOf } from './chain.js';
import { copyEvents, type CopiedEvent } from './copied-events.js';
import { columnMisfit, type IdOfEvent, sha256Of } from './event-misfit.js';
import { readLevel, type Tile } from './tile-rows.js';
import { firstIdMisfit } from './verify-queries.js';

/** The first event of a shard that does not fit, and how. */
export interface ShardFault {
  position: number;
  what: string;
}

/** The last event that was walked: the next one is linked to it. */
export interface Link {
  position: number;
  recordedAt: string;
  chain: Buffer;
}

/** A way through the events of a shard. */
export interface Stretch {
  shard: number;
  shards: number;
  /** Where it begins: behind a whole number of tiles. */
  from: Link;
  /** The last position that it goes to. */
  upTo: number;
  /** How many tiles of leaves are filled at least. */
  tiles: number;
}

export interface Walked {
  fault: ShardFault | undefined;
  /** The last event that fits. */
  last: Link;
  /** The root over all events walked, where the way began at the first. */
  root: () => Buffer;
}

/** A whole number of tiles; two of them are in memory. */
const PAGE = 8 * TILE_WIDTH;

export const MISSING = 'is missing';
export const TREE_BROKEN = 'begins a part of which the tree says something else, or nothing';

/**
 * Walks a stretch of a shard and computes digests, chain and tree anew: stops at the first event that does not fit.
 * @param client reads the events, and nobody else uses it meanwhile
 * @param pool for what is looked up beside them
 * @param onPage hears of the last event of each page that fits
 */
export async function walk(client: pg.ClientBase, pool: pg.Pool, stretch: Stretch, onPage: (last: Link) => void): Promise<Walked> {
  const tree = new GrowingTree();
  let rest: Buffer = Buffer.alloc(0);
  let last = stretch.from;
  const ended = (fault?: ShardFault): Walked => ({ fault, last, root: () => tree.root(rest) });
  for await (const { events, tiles, above } of pages(client, pool, stretch)) {
    const { fault, fitting, leaves, ids } = readPage(events, last, stretch);
    // The database looks ids up while the tree is hashed.
    const looked = firstIdMisfit(pool, ids);
    looked.catch(() => {});
    const faults: (ShardFault | undefined)[] = [fault];
    for (let at = 0; at < leaves.length; at += TILE_BYTES) {
      const index = (last.position * HASH_BYTES + at) / TILE_BYTES;
      rest = leaves.subarray(at, at + TILE_BYTES);
      if (rest.length < TILE_BYTES) faults.push(leafMisfit(index, rest, tiles));
      else {
        const root = rootOfTile(rest);
        faults.push(leafMisfit(index, rest, tiles) ?? rootMisfit(index, root, stretch.tiles, tiles, above));
        tree.add(root);
        rest = Buffer.alloc(0);
      }
    }
    const id = await looked;
    faults.push(id && { position: id.position, what: `has an id, ${id.id}, that is not kept as recorded by it` });
    const [first] = faults.filter((one) => one !== undefined).toSorted((a, b) => a.position - b.position);
    if (first) return ended(first);
    last = fitting;
    onPage(last);
  }
  return ended(last.position < stretch.upTo ? { position: last.position + 1, what: MISSING } : undefined);
}

interface Page {
  events: CopiedEvent[];
  /** What is kept of the tree over them: the tiles of leaves, and the one or two tiles with the roots of these. */
  tiles: Tile[];
  above: Tile[];
}

/** The pages of a stretch; the next one is on its way while one is worked on. */
async function* pages(client: pg.ClientBase, pool: pg.Pool, { shard, from, upTo }: Stretch): AsyncGenerator<Page> {
  const read = async (after: number): Promise<Page> => {
    const index = after / TILE_WIDTH;
    const [events, tiles, above] = await Promise.all([
      copyEvents(client, shard, after, upTo, PAGE),
      readLevel(pool, { shard, level: 0, index }, PAGE / TILE_WIDTH),
      readLevel(pool, { shard, level: 1, index: Math.floor(index / TILE_WIDTH) }, 2),
    ]);
    return { events, tiles, above };
  };
  let coming: Promise<Page> | undefined = from.position < upTo ? read(from.position) : undefined;
  try {
    for (let after = from.position; coming; ) {
      const page: Page = await coming;
      after += PAGE;
      coming = page.events.length === PAGE && after < upTo ? read(after) : undefined;
      coming?.catch(() => {});
      if (page.events.length > 0) yield page;
    }
  } finally {
    await coming?.catch(() => {});
  }
}

/** The events of a page that fit by themselves and among each other: the last of them, their leaves and ids; and what is wrong with the next one. */
function readPage(events: readonly CopiedEvent[], before: Link, { shard, shards }: Stretch): { fault?: ShardFault; fitting: Link; leaves: Buffer; ids: IdOfEvent[] } {
  const leaves = Buffer.alloc(events.length * HASH_BYTES);
  const ids: IdOfEvent[] = [];
  let fitting = before;
  for (const [at, event] of events.entries()) {
    const { position, recordedAt } = event;
    const digest = event.digest.toString('hex');
    const what = misfit(event, digest, fitting, shard) ?? columnMisfit(event, shard, shards, ids);
    if (what) return { fault: { position: what === MISSING ? fitting.position + 1 : position, what }, fitting, leaves: leaves.subarray(0, at * HASH_BYTES), ids };
    leafHash(leafOf({ position, recordedAt, digest })).copy(leaves, at * HASH_BYTES);
    fitting = event;
  }
  return { fitting, leaves, ids };
}

/** What is wrong with an event beside the one before it, if anything. */
function misfit({ position, recordedAt, body, chain, digest: bytes }: CopiedEvent, digest: string, previous: Link, shard: number): string | undefined {
  if (position !== previous.position + 1) return MISSING;
  if (!sha256Of(body).equals(bytes)) return 'does not have the digest of its body';
  if (recordedAt < previous.recordedAt) return 'is recorded before the event before it';
  if (!linkOf(previous.chain, { shard, position, recordedAt, digest }).equals(chain)) return 'breaks the chain: its time, place, digest or link was changed, or an event before it is gone';
  return undefined;
}

/** The first leaf that differs from what is kept of its tile. */
function leafMisfit(index: number, leaves: Buffer, tiles: readonly Tile[]): ShardFault | undefined {
  const kept = tiles.find((tile) => tile.index === index)?.hashes;
  if (!kept || kept.subarray(0, leaves.length).equals(leaves)) return undefined;
  let at = 0;
  while (kept.subarray(at, at + HASH_BYTES).equals(leaves.subarray(at, at + HASH_BYTES))) at += HASH_BYTES;
  return { position: index * TILE_WIDTH + at / HASH_BYTES + 1, what: 'is not what the tree was made of' };
}

/** Where a tile that must be kept is not, or has another root above it. @param filled how many tiles are kept at least */
function rootMisfit(index: number, root: Buffer, filled: number, tiles: readonly Tile[], above: readonly Tile[]): ShardFault | undefined {
  if (index >= filled) return undefined;
  const entry = (index % TILE_WIDTH) * HASH_BYTES;
  const kept = above.find((tile) => tile.index === Math.floor(index / TILE_WIDTH))?.hashes.subarray(entry, entry + HASH_BYTES);
  if (kept?.equals(root) && tiles.some((tile) => tile.index === index)) return undefined;
  return { position: index * TILE_WIDTH + 1, what: TREE_BROKEN };
}
