import {
  consistencyRanges,
  inclusionRanges,
  rootOf,
  TILE_WIDTH,
  tilesOf,
  type Checkpoint,
  type Instant,
  type Leaves,
  type Token,
  type TreeHead,
} from '#libs/domain';
import type pg from 'pg';
import { readTreeProgress, readLeaves, readTiles, type TreeProgress } from './tile-rows.js';

/** The proof that an event is in the tree of a size: the path from its leaf to the root. */
export interface Inclusion {
  size: number;
  root: Buffer;
  path: Buffer[];
}

/** The proof that the tree of one size begins with the tree of a smaller size. */
export interface Consistency {
  shard: number;
  from: Omit<TreeHead, 'shard'>;
  to: Omit<TreeHead, 'shard'>;
  path: Buffer[];
}

/** A range of the tree of a shard. */
interface Asked {
  shard: number;
  ranges: readonly Leaves[];
}

/** Shards that are read at once: each takes a few tiles of 8 kB. */
const SHARDS_PER_QUERY = 32;

/** The Merkle trees over the shards of a store. Proofs of any size up to the newest are read from a few tiles. */
export class Trees {
  constructor(
    private readonly pool: pg.Pool,
    private readonly storeId: string,
  ) {}

  /**
   * The newest size of the tree of each shard, or of those named: all events, unless the tiles are far behind. The leaves
   * after the last complete tile are read from the events.
   */
  async sizes(shards?: readonly number[]): Promise<Map<number, number>> {
    return new Map(
      (await readTreeProgress(this.pool, shards)).map((filled) => [filled.shard, sizeOf(filled)]),
    );
  }

  /** The number of events of each shard, or of those named, that no tree holds yet. */
  async lag(shards?: readonly number[]): Promise<Map<number, number>> {
    return new Map(
      (await readTreeProgress(this.pool, shards)).map((filled) => [
        filled.shard,
        filled.head - sizeOf(filled),
      ]),
    );
  }

  /** The trees of sizes. */
  async heads(sizes: Token): Promise<TreeHead[]> {
    const wanted = byShard(sizes);
    const roots = await this.roots(wanted.map(([shard, size]) => ({ shard, ranges: [[0, size]] })));
    return wanted.map(([shard, size], at) => ({ shard, size, root: roots[at]![0]! }));
  }

  /** The checkpoint of the store as it is now. */
  async checkpoint(time: Instant): Promise<Checkpoint> {
    return { storeId: this.storeId, time, heads: await this.heads(await this.sizes()) };
  }

  /** @param size of 1 up to the newest, and not less than the position */
  async inclusion(shard: number, position: number, size: number): Promise<Inclusion> {
    const [hashes] = await this.roots([
      { shard, ranges: [[0, size], ...inclusionRanges(position - 1, size)] },
    ]);
    const [root, ...path] = hashes!;
    return { size, root: root!, path };
  }

  /** For each shard of `to`, at most its newest size, from its size in `from`; a shard that `from` does not name was empty. */
  async consistency(from: Token, to: Token): Promise<Consistency[]> {
    const wanted = byShard(to).map(([shard, size]) => ({ shard, before: from.get(shard) ?? 0, size }));
    const roots = await this.roots(
      wanted.map(({ shard, before, size }) => ({
        shard,
        ranges: [[0, before], [0, size], ...consistencyRanges(before, size)],
      })),
    );
    return wanted.map(({ shard, before, size }, at) => {
      const [first, second, ...path] = roots[at]!;
      return { shard, from: { size: before, root: first! }, to: { size, root: second! }, path };
    });
  }

  private async roots(asked: readonly Asked[]): Promise<Buffer[][]> {
    const roots: Buffer[][] = [];
    for (let at = 0; at < asked.length; at += SHARDS_PER_QUERY)
      roots.push(...(await this.someRoots(asked.slice(at, at + SHARDS_PER_QUERY))));
    return roots;
  }

  private async someRoots(asked: readonly Asked[]): Promise<Buffer[][]> {
    const wanted = asked.flatMap(({ shard, ranges }) =>
      tilesOf(ranges).map((id) => ({ shard, ...id, to: Math.max(...ranges.map(([, to]) => to)) })),
    );
    const tiles = new Map((await readTiles(this.pool, wanted)).map((tile) => [keyOf(tile), tile.hashes]));
    const unfinished = wanted.filter((one) => one.level === 0 && !tiles.has(keyOf(one)));
    for (const tile of await readLeaves(this.pool, unfinished)) tiles.set(keyOf(tile), tile.hashes);
    return asked.map(({ shard, ranges }) =>
      ranges.map((range) =>
        rootOf(range, ({ level, index }) => {
          const tile = tiles.get(keyOf({ shard, level, index }));
          if (!tile) throw new Error(`tile ${level}/${index} of shard ${shard} is missing`);
          return tile;
        }),
      ),
    );
  }
}

const sizeOf = ({ head, tiles }: TreeProgress): number => Math.min(head, (tiles + 1) * TILE_WIDTH - 1);

const byShard = (token: Token): [number, number][] => [...token].toSorted(([a], [b]) => a - b);

const keyOf = ({ shard, level, index }: { shard: number; level: number; index: number }): string =>
  `${shard}/${level}/${index}`;
