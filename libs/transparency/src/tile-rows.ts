import { HASH_BYTES, TILE_WIDTH, type TileId } from '#libs/domain';
import type { Db } from '#libs/platform';
import pg from 'pg';

/** A tile of the tree of a shard. */
export interface TileOf extends TileId {
  shard: number;
}

export interface Tile extends TileOf {
  hashes: Buffer;
}

// int8 as a number, whatever the pool is set to.
const INT8_OID = 20;
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    oid === INT8_OID ? Number : (pg.types.getTypeParser(oid, format) as (text: string) => unknown),
};

const columns = (tiles: readonly TileOf[]) => [
  tiles.map(({ shard }) => shard),
  tiles.map(({ level }) => level),
  tiles.map(({ index }) => index),
];

/** The given tiles, without those that do not exist. */
export async function readTiles(db: Db, wanted: readonly TileOf[]): Promise<Tile[]> {
  if (wanted.length === 0) return [];
  const { rows } = await db.query<Tile>({
    name: 'read-tiles',
    text: `
      select t.shard, t.level, t.index, t.hashes
      from unnest($1::smallint[], $2::smallint[], $3::bigint[]) w (shard, level, index)
      join claimline.tiles t on t.shard = w.shard and t.level = w.level and t.index = w.index`,
    values: columns(wanted),
    types,
  });
  return rows;
}

/** The tiles of one level of a shard from an index on, at most `limit`, in order. */
export async function readLevel(db: Db, { shard, level, index }: TileOf, limit: number): Promise<Tile[]> {
  const { rows } = await db.query<Tile>({
    name: 'read-level',
    text: 'select shard, level, index, hashes from claimline.tiles where shard = $1 and level = $2 and index >= $3 order by index limit $4',
    values: [shard, level, index, limit],
    types,
  });
  return rows;
}

/**
 * The hashes of leaves, tile by tile, computed from the events in the database: equal to `leafHash(leafOf(event))`.
 * @param wanted `to`: the last position that counts
 * @throws Error if events are missing
 */
export async function readLeaves(
  db: Db,
  wanted: readonly { shard: number; index: number; to: number }[],
): Promise<Tile[]> {
  if (wanted.length === 0) return [];
  const { rows } = await db.query<Tile>({
    name: 'read-leaves',
    text: `
      select w.shard, 0 as level, w.index, coalesce(l.hashes, '') as hashes
      from unnest($1::smallint[], $2::bigint[], $3::bigint[]) w (shard, index, upto)
      cross join lateral (
        select string_agg(sha256('\\x00'::bytea || convert_to(
          e.position || ':' || to_char(e.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || ':' ||
            encode(e.digest, 'hex'), 'UTF8')), '' order by e.position) as hashes
        from claimline.events e
        where e.shard = w.shard and e.position > w.index * ${TILE_WIDTH} and e.position <= least(w.upto, (w.index + 1) * ${TILE_WIDTH})
      ) l
      order by w.shard, w.index`,
    values: [wanted.map(({ shard }) => shard), wanted.map(({ index }) => index), wanted.map(({ to }) => to)],
    types,
  });
  for (const { shard, index, hashes } of rows) {
    const { to } = wanted.find((one) => one.shard === shard && one.index === index)!;
    if (hashes.length / HASH_BYTES !== Math.min(to - index * TILE_WIDTH, TILE_WIDTH))
      throw new Error(`events of shard ${shard} between ${index * TILE_WIDTH + 1} and ${to} are missing`);
  }
  return rows;
}

/** The progress of a shard's tree: its last event, and the number of its complete tiles of leaves. */
export interface TreeProgress {
  shard: number;
  head: number;
  tiles: number;
}

/** The progress of each shard's tree, or only of those named. */
export async function readTreeProgress(db: Db, shards?: readonly number[]): Promise<TreeProgress[]> {
  const { rows } = await db.query<TreeProgress>({
    name: 'read-filled',
    text: `
      select h.shard, h.position as head, coalesce((
          select t.index + 1 from claimline.tiles t where t.shard = h.shard and t.level = 0 order by t.index desc limit 1
        ), 0) as tiles
      from claimline.heads h where $1::smallint[] is null or h.shard = any($1) order by h.shard`,
    values: [shards ?? null],
    types,
  });
  return rows;
}

/** Adds complete tiles of leaves, of one shard. */
export async function insertLeaves(db: Db, shard: number, tiles: readonly Tile[]): Promise<void> {
  await db.query({
    name: 'insert-leaves',
    text: 'insert into claimline.tiles (shard, level, index, hashes) select $1, 0, * from unnest($2::bigint[], $3::bytea[])',
    values: [shard, tiles.map(({ index }) => index), tiles.map(({ hashes }) => hashes)],
  });
}

/** Adds hashes to the end of a tile above the leaves. @returns the tile after that */
export async function extendTile(db: Db, { shard, level, index }: TileOf, hashes: Buffer): Promise<Buffer> {
  const { rows } = await db.query<{ hashes: Buffer }>({
    name: 'extend-tile',
    text: `
      insert into claimline.tiles as t (shard, level, index, hashes) values ($1, $2, $3, $4)
      on conflict (shard, level, index) do update set hashes = t.hashes || excluded.hashes returning hashes`,
    values: [shard, level, index, hashes],
  });
  return rows[0]!.hashes;
}
