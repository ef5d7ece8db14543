import { completeRoot, HASH_BYTES, joined, nodeHash, type Leaves } from './merkle.js';

// A tree is kept as tiles of 256 hashes: tiles of level 0 hold leaves, those above hold the roots of the complete tiles
// below. The hashes in between are recomputed, so a proof reads a few tiles, however large the tree is.

export const TILE_WIDTH = 256;
export const TILE_BYTES = TILE_WIDTH * HASH_BYTES;
const TILE_HEIGHT = 8;

export interface TileId {
  level: number;
  index: number;
}

/** A complete subtree: the hashes of a tile below it. */
interface Subtree extends TileId {
  at: number;
  width: number;
}

/** The complete subtrees that make up a range, largest first. A range is a whole tree, or one that a proof names. */
function subtreesOf([from, to]: Leaves): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = from; at < to;) {
    let [size, height] = [1, 0];
    while (at % (size * 2) === 0 && at + size * 2 <= to) [size, height] = [size * 2, height + 1];
    const level = Math.floor(height / TILE_HEIGHT);
    const entry = at / TILE_WIDTH ** level;
    subtrees.push({
      level,
      index: Math.floor(entry / TILE_WIDTH),
      at: entry % TILE_WIDTH,
      width: 2 ** (height % TILE_HEIGHT),
    });
    at += size;
  }
  return subtrees;
}

/** The tiles that are needed to hash ranges, each once. */
export function tilesOf(ranges: readonly Leaves[]): TileId[] {
  const tiles = new Map(
    ranges.flatMap(subtreesOf).map(({ level, index }) => [`${level}/${index}`, { level, index }]),
  );
  return [...tiles.values()];
}

/** The root over a range of leaves. @param tile a tile, as far as it is filled */
export function rootOf(range: Leaves, tile: (id: TileId) => Buffer): Buffer {
  return joined(
    subtreesOf(range).map((subtree) =>
      completeRoot(
        tile(subtree).subarray(subtree.at * HASH_BYTES, (subtree.at + subtree.width) * HASH_BYTES),
      ),
    ),
  );
}

/** The root over adjacent leaf hashes: of a tree of at most one tile. */
export const rootOfTile = (hashes: Buffer): Buffer =>
  hashes.length === TILE_BYTES ? completeRoot(hashes) : rootOf([0, hashes.length / HASH_BYTES], () => hashes);

/** A tree that grows tile by tile, of which only the roots of its complete parts are kept. */
export class GrowingTree {
  private tiles = 0;
  private readonly roots: Buffer[] = [];

  /** Adds the root of the next tile. */
  add(tile: Buffer): void {
    let root = tile;
    for (let before = this.tiles; before % 2 === 1; before = (before - 1) / 2)
      root = nodeHash(this.roots.pop()!, root);
    this.roots.push(root);
    this.tiles += 1;
  }

  /** Its root. @param rest the leaf hashes after its last tile */
  root(rest: Buffer): Buffer {
    return joined(rest.length === 0 ? this.roots : [...this.roots, rootOfTile(rest)]);
  }
}
