import { TILE_WIDTH, type Checkpoint, type Token } from '#libs/domain';
import type { EventStore } from '#libs/log';
import { upperLevelMismatch } from './merkle-upper-levels.js';
import { readTreeProgress } from './tile-rows.js';
import { idsWithoutEvent, shardsBeyondHead } from './verify-queries.js';
import { MISSING } from './shard-verifier.js';
import { verifyShards, type LogVerification, type VerificationOptions } from './verify-shards.js';

export interface VerifyOptions extends VerificationOptions {
  /** The token to start after: the events that it holds are taken as verified. */
  after?: Token;
}

/**
 * Reads the log up to its present heads and recomputes all digests, chains and trees; compares positions, columns, heads,
 * tiles and the ids of statements. Memory stays flat. It holds one connection of the store, and at times a few more.
 */
export async function verify(
  store: EventStore,
  { after = new Map(), ...options }: VerifyOptions = {},
): Promise<LogVerification> {
  // Before the heads, so that the heads cover the events of every tile read.
  const tiles = await tilesOf(store);
  const heads = new Map((await store.heads()).map((head) => [head.shard, head]));
  const parts = [...heads.values()].map(({ shard, position }) => ({
    shard,
    after: after.get(shard) ?? 0,
    upTo: position,
    tiles: tiles.get(shard)!,
  }));
  const { events, faults } = await verifyShards(store, parts, options, async (part, { last }) => {
    const head = heads.get(part.shard)!;
    if (head.position > 0 && (head.chain !== last.chain || head.recordedAt !== last.recordedAt))
      return { position: head.position, what: 'differs from the head of the shard' };
    if (part.tiles * TILE_WIDTH > head.position)
      return {
        position: head.position + 1,
        what: `${MISSING}: the tree holds ${part.tiles * TILE_WIDTH} events`,
      };
    return upperLevelMismatch(store.pool, part);
  });
  const broken = new Set(faults.map(({ shard }) => shard));
  for (const { shard, position } of await shardsBeyondHead(store.pool))
    if (!broken.has(shard)) faults.push({ shard, position, what: 'is beyond the head of its shard' });
  // Reads all ids, so not when only the newest part of the log is verified.
  for (const id of after.size > 0 ? [] : await idsWithoutEvent(store.pool))
    faults.push({
      shard: null,
      position: null,
      what: `statement or retraction ${id} is kept as recorded, but has no event`,
    });
  return { events, faults };
}

/**
 * Verifies that the log begins with the events of a checkpoint, unchanged, in all shards or some: reads it up to there and
 * compares the roots.
 */
export async function verifyAgainst(
  store: EventStore,
  { heads }: Pick<Checkpoint, 'heads'>,
  options: VerificationOptions = {},
): Promise<LogVerification> {
  const tiles = await tilesOf(store);
  const positions = new Map((await store.heads()).map(({ shard, position }) => [shard, position]));
  const stated = new Map(heads.map((head) => [head.shard, head]));
  const parts = heads.map(({ shard, size }) => ({
    shard,
    after: 0,
    upTo: Math.min(size, positions.get(shard) ?? 0),
    tiles: tiles.get(shard) ?? 0,
  }));
  return verifyShards(store, parts, options, async ({ shard, upTo }, verifier) => {
    const { size, root } = stated.get(shard)!;
    if (upTo < size) return { position: upTo + 1, what: `${MISSING}: the checkpoint states ${size} events` };
    return verifier.root().equals(root)
      ? undefined
      : { position: size, what: 'or an event before it is not as the checkpoint states' };
  });
}

const tilesOf = async (store: EventStore) =>
  new Map((await readTreeProgress(store.pool)).map(({ shard, tiles }) => [shard, tiles]));
