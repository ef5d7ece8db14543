import { HASH_BYTES, rootOfTile, TILE_WIDTH } from '#libs/domain';
import type pg from 'pg';
import { readLevel } from './tile-rows.js';
import { TREE_BROKEN, type ShardFault } from './shard-verifier.js';
import type { ShardPart } from './verify-shards.js';

/** Tiles that are compared at once. */
const TILES_PER_QUERY = 32;

/** The first fault in the levels of a tree above level 1: a tile that does not follow from the level below it. */
export async function upperLevelMismatch(
  pool: pg.Pool,
  { shard, after, tiles }: ShardPart,
): Promise<ShardFault | undefined> {
  let [from, complete] = [Math.floor(after / TILE_WIDTH), tiles];
  for (let level = 1; complete >= TILE_WIDTH; level++) {
    [from, complete] = [Math.floor(from / TILE_WIDTH), Math.floor(complete / TILE_WIDTH)];
    for (let first = from; first < complete; first += TILES_PER_QUERY) {
      const below = await readLevel(
        pool,
        { shard, level, index: first },
        Math.min(TILES_PER_QUERY, complete - first),
      );
      const above = await readLevel(
        pool,
        { shard, level: level + 1, index: Math.floor(first / TILE_WIDTH) },
        2,
      );
      for (let index = first; index < Math.min(complete, first + TILES_PER_QUERY); index++) {
        const hashes = below.find((tile) => tile.index === index)?.hashes;
        const entry = (index % TILE_WIDTH) * HASH_BYTES;
        const kept = above
          .find((tile) => tile.index === Math.floor(index / TILE_WIDTH))
          ?.hashes.subarray(entry, entry + HASH_BYTES);
        if (!hashes || !kept?.equals(rootOfTile(hashes)))
          return { position: index * TILE_WIDTH ** (level + 1) + 1, what: TREE_BROKEN };
      }
    }
  }
  return undefined;
}
