import {
  GrowingTree,
  HASH_BYTES,
  leafOf,
  rootOfTile,
  TILE_BYTES,
  TILE_WIDTH,
  writeLeafHash,
} from '#libs/domain';
import { hash } from 'node:crypto';
import type pg from 'pg';
import { linkOf } from '#libs/log';
import { copyEvents, type CopiedEvent } from './event-copy-reader.js';
import { columnMismatch, type IdOfEvent } from './event-mismatch.js';
import { readLevel, type Tile } from './tile-rows.js';
import { firstIdMismatch } from './verify-queries.js';

/** The first event of a shard with a fault, and the fault. */
export interface ShardFault {
  position: number;
  /** Where the event is there. */
  eventId?: string;
  what: string;
}

/** The last event that was verified: the next one is linked to it. */
export interface ChainLink {
  position: number;
  recordedAt: string;
  /** Hexadecimal. */
  chain: string;
}

/** The range of a shard that is verified. */
export interface VerifiedRange {
  shard: number;
  shards: number;
  /** The link before its first event, after a whole number of tiles. */
  from: ChainLink;
  /** Its last position. */
  upTo: number;
  /** The number of tiles of leaves that must be there. */
  tiles: number;
}

/** A page of events, with their tiles of leaves, and the one or two tiles with the roots of these. */
interface Page {
  events: CopiedEvent[];
  tiles: Tile[];
  above: Tile[];
}

/** Events of all shards that are read in one round: events near each other in the database are read once. */
const EVENTS_PER_ROUND = 32_768;

export const MISSING = 'is missing';
export const TREE_BROKEN = 'begins a part whose root is missing from the tree, or differs there';

/** Reads a range of a shard, page by page, and recomputes digests, chain and tree, up to the first fault. */
export class ShardVerifier {
  /** The last verified event, its id included. */
  last: ChainLink;
  /** When the last event read was recorded. */
  time: string;
  fault: ShardFault | undefined;
  private after: number;
  /** The last verified event, but for its id, which the database may still be looking up. */
  private verified: ChainLink;
  private isBroken = false;
  /** Resolves when the database has looked up the ids of all pages so far. */
  private reported: Promise<void> = Promise.resolve();
  private readonly tree = new GrowingTree();
  private rest: Buffer = Buffer.alloc(0);
  /** A whole number of tiles. */
  private readonly page: number;

  constructor(
    private readonly pool: pg.Pool,
    private readonly range: VerifiedRange,
  ) {
    this.last = this.verified = range.from;
    this.time = range.from.recordedAt;
    this.after = range.from.position;
    this.page =
      TILE_WIDTH * Math.max(1, Math.min(8, Math.floor(EVENTS_PER_ROUND / range.shards / TILE_WIDTH)));
  }

  /** Whether there is another page to read. */
  get open(): boolean {
    return !this.isBroken && this.fault === undefined && this.after < this.range.upTo;
  }

  /** The root over all events read, if the range began at the first event. */
  root(): Buffer {
    return this.tree.root(this.rest);
  }

  /** Reads the next page. @param client reads the events, and does nothing else meanwhile */
  async read(client: pg.ClientBase): Promise<Page> {
    const { shard, upTo } = this.range;
    const { after, page, pool } = this;
    this.after = after + page;
    const index = after / TILE_WIDTH;
    const [events, tiles, above] = await Promise.all([
      copyEvents(client, shard, after, Math.min(upTo, this.after)),
      readLevel(pool, { shard, level: 0, index }, page / TILE_WIDTH),
      readLevel(pool, { shard, level: 1, index: Math.floor(index / TILE_WIDTH) }, 2),
    ]);
    this.time = events.at(-1)?.recordedAt ?? this.time;
    return { events, tiles, above };
  }

  /**
   * Verifies a page: the last one read, or the one before it while another is being read.
   * @returns once the database has looked up its ids: only then do `last` and `fault` include it
   */
  take({ events, tiles, above }: Page): Promise<void> {
    if (this.isBroken) return this.reported;
    const { fault, fitting, leaves, ids } = readPage(events, this.verified, this.range);
    const looked = firstIdMismatch(this.pool, ids);
    const faults: (ShardFault | undefined)[] = [fault, this.gap(events, fitting)];
    for (let at = 0; at < leaves.length; at += TILE_BYTES) {
      const index = (this.verified.position * HASH_BYTES + at) / TILE_BYTES;
      this.rest = leaves.subarray(at, at + TILE_BYTES);
      const leaf = leafMismatch(index, this.rest, tiles);
      faults.push(leaf);
      if (this.rest.length < TILE_BYTES) break;
      const root = rootOfTile(this.rest);
      // Its root would only repeat, less exactly, the fault of its leaf.
      if (!leaf) faults.push(rootMismatch(index, root, this.range.tiles, tiles, above));
      this.tree.add(root);
      this.rest = Buffer.alloc(0);
    }
    this.isBroken = faults.some((one) => one !== undefined);
    this.verified = fitting;
    return (this.reported = Promise.all([looked, this.reported]).then(([id]) => {
      if (this.fault) return;
      faults.push(
        id && { position: id.position, what: `has an id, ${id.id}, that is not recorded as its own` },
      );
      [this.fault] = faults.filter((one) => one !== undefined).toSorted((a, b) => a.position - b.position);
      if (!this.fault) this.last = fitting;
    }));
  }

  /** The fault if the page has fewer events than it must have. */
  private gap(events: readonly CopiedEvent[], fitting: ChainLink): ShardFault | undefined {
    const wanted = Math.min(this.page, this.range.upTo - this.verified.position);
    return events.length < wanted ? { position: fitting.position + 1, what: MISSING } : undefined;
  }
}

/** Verifies the events of a page: the last one before a fault, the leaves and ids up to it; and the fault of the next one. */
function readPage(
  events: readonly CopiedEvent[],
  before: ChainLink,
  { shard, shards }: VerifiedRange,
): { fault?: ShardFault; fitting: ChainLink; leaves: Buffer; ids: IdOfEvent[] } {
  const leaves = Buffer.alloc(events.length * HASH_BYTES);
  const ids: IdOfEvent[] = [];
  let fitting = before;
  for (const [at, event] of events.entries()) {
    const { position, recordedAt, digest } = event;
    const what = chainMismatch(event, fitting, shard) ?? columnMismatch(event, shard, shards, ids);
    if (what)
      return {
        fault:
          what === MISSING
            ? { position: fitting.position + 1, what }
            : { position, eventId: event.eventId, what },
        fitting,
        leaves: leaves.subarray(0, at * HASH_BYTES),
        ids,
      };
    writeLeafHash(leafOf({ position, recordedAt, digest }), leaves, at);
    fitting = event;
  }
  return { fitting, leaves, ids };
}

/** The fault of an event in itself or after the one before it; undefined if it has none. */
function chainMismatch(
  { position, recordedAt, digest, chain, body }: CopiedEvent,
  previous: ChainLink,
  shard: number,
): string | undefined {
  if (position !== previous.position + 1) return MISSING;
  if (hash('sha256', body, 'hex') !== digest) return 'does not have the digest of its body';
  if (recordedAt < previous.recordedAt) return 'is recorded before the event before it';
  if (linkOf(previous.chain, { shard, position, recordedAt, digest }) !== chain)
    return 'breaks the chain: its time, place, digest or link was changed, or an event before it is gone';
  return undefined;
}

/** The first leaf that differs from its stored tile. */
function leafMismatch(index: number, leaves: Buffer, tiles: readonly Tile[]): ShardFault | undefined {
  const kept = tiles.find((tile) => tile.index === index)?.hashes;
  if (!kept || kept.subarray(0, leaves.length).equals(leaves)) return undefined;
  let at = 0;
  while (kept.subarray(at, at + HASH_BYTES).equals(leaves.subarray(at, at + HASH_BYTES))) at += HASH_BYTES;
  return {
    position: index * TILE_WIDTH + at / HASH_BYTES + 1,
    what: 'is not the event that the tree was built from',
  };
}

/** The fault if a stored tile is missing or has another root above it. @param filled the number of tiles that must be there */
function rootMismatch(
  index: number,
  root: Buffer,
  filled: number,
  tiles: readonly Tile[],
  above: readonly Tile[],
): ShardFault | undefined {
  if (index >= filled) return undefined;
  const entry = (index % TILE_WIDTH) * HASH_BYTES;
  const kept = above
    .find((tile) => tile.index === Math.floor(index / TILE_WIDTH))
    ?.hashes.subarray(entry, entry + HASH_BYTES);
  if (kept?.equals(root) && tiles.some((tile) => tile.index === index)) return undefined;
  return { position: index * TILE_WIDTH + 1, what: TREE_BROKEN };
}
