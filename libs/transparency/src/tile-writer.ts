import { HASH_BYTES, rootOfTile, TILE_BYTES, TILE_WIDTH } from '#libs/domain';
import { backoffMs, pause } from '#libs/concurrency';
import { inTransaction, type Db } from '#libs/platform';
import type pg from 'pg';
import { extendTile, insertLeaves, readTreeProgress, readLeaves, type TreeProgress } from './tile-rows.js';

export interface TileWriterOptions {
  /** The interval between checks for new events, in milliseconds. */
  pollMs?: number;
  onError?: (error: unknown) => void;
}

/** The pool of tile writers: it is used twice a second, so its sessions show which processes are projectors. */
export const TILER_POOL_NAME = 'tile';

/** Tiles of leaves that are filled in one transaction. */
const TILES_PER_TRANSACTION = 16;
const MAX_BACKOFF_MS = 10_000;

/**
 * Fills the tiles of all shards, in order, behind the writers: never in the transaction of an append, and under load for at
 * most half of the time. If several run at once, only one works on a shard; another repeats the work of one that died.
 */
export class TileWriter {
  constructor(
    private readonly pool: pg.Pool,
    private readonly options: TileWriterOptions = {},
  ) {}

  /** Fills tiles until the signal is given; waits while the database is away. */
  async run(signal: AbortSignal): Promise<void> {
    const { pollMs = 500, onError } = this.options;
    for (let failures = 0; !signal.aborted;) {
      try {
        for (const shard of await this.behind())
          while (!signal.aborted && (await this.fillRemaining(shard, signal)));
        failures = 0;
      } catch (error) {
        failures += 1;
        if (!signal.aborted) onError?.(error);
      }
      await pause(backoffMs(failures + 1, MAX_BACKOFF_MS, pollMs), signal);
    }
  }

  /** Fills all tiles that can be filled now. */
  async catchUp(): Promise<void> {
    for (const shard of await this.behind()) while (await this.fill(shard));
  }

  private async behind(): Promise<number[]> {
    return (await readTreeProgress(this.pool)).filter(isBehind).map(({ shard }) => shard);
  }

  private async fillRemaining(shard: number, signal: AbortSignal): Promise<boolean> {
    const begun = performance.now();
    const more = await this.fill(shard);
    if (more) await pause(performance.now() - begun, signal);
    return more;
  }

  /** Fills the next tiles of a shard. @returns whether there may be more */
  private fill(shard: number): Promise<boolean> {
    return inTransaction(this.pool, async (db) => {
      const { rows } = await db.query<{ locked: boolean }>(
        `select pg_try_advisory_xact_lock(hashtext('claimline.tiles'), $1) as locked`,
        [shard],
      );
      return rows[0]!.locked && fillNext(db, shard);
    });
  }
}

const isBehind = ({ head, tiles }: TreeProgress): boolean => head >= (tiles + 1) * TILE_WIDTH;

async function fillNext(db: Db, shard: number): Promise<boolean> {
  const [filled] = await readTreeProgress(db, [shard]);
  if (!filled || !isBehind(filled)) return false;
  const { head, tiles: first } = filled;
  const count = Math.min(TILES_PER_TRANSACTION, Math.floor(head / TILE_WIDTH) - first);
  const tiles = await readLeaves(
    db,
    Array.from({ length: count }, (_, at) => ({ shard, index: first + at, to: head })),
  );
  await insertLeaves(db, shard, tiles);
  await addRoots(
    db,
    shard,
    1,
    first,
    tiles.map(({ hashes }) => rootOfTile(hashes)),
  );
  return count === TILES_PER_TRANSACTION;
}

/**
 * Adds the roots of tiles to the level above them, and the roots of the tiles that this completes to the next level.
 * @param first the index of the first root among the entries of the level
 */
async function addRoots(
  db: Db,
  shard: number,
  level: number,
  first: number,
  roots: readonly Buffer[],
): Promise<void> {
  const filled: Buffer[] = [];
  for (let at = 0; at < roots.length;) {
    const entry = first + at;
    const some = roots.slice(at, at + TILE_WIDTH - (entry % TILE_WIDTH));
    const hashes = await extendTile(
      db,
      { shard, level, index: Math.floor(entry / TILE_WIDTH) },
      Buffer.concat(some),
    );
    if (hashes.length !== (((entry + some.length - 1) % TILE_WIDTH) + 1) * HASH_BYTES)
      throw new Error(
        `tile ${level}/${Math.floor(entry / TILE_WIDTH)} of shard ${shard} differs from the tiles below it`,
      );
    if (hashes.length === TILE_BYTES) filled.push(rootOfTile(hashes));
    at += some.length;
  }
  if (filled.length > 0) await addRoots(db, shard, level + 1, Math.floor(first / TILE_WIDTH), filled);
}
