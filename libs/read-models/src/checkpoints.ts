import type { Instant, Token } from '#libs/domain';
import type { Db } from './database.js';

/** Locks the checkpoints of shards, in order: two projectors never wait for each other in a circle. */
export async function lockCheckpoints(db: Db, s: string, shards: readonly number[]): Promise<Map<number, number>> {
  const wanted = shards.toSorted((a, b) => a - b);
  const lock = async () => {
    const { rows } = await db.query<Row>(`select shard, position from ${s}.checkpoint where shard = any($1) order by shard for update`, [wanted]);
    return tokenOf(rows);
  };
  const found = await lock();
  if (found.size === wanted.length) return found;
  await db.query(`insert into ${s}.checkpoint (shard, position) select n, 0 from unnest($1::smallint[]) n order by n on conflict do nothing`, [wanted]);
  return lock();
}

export async function moveCheckpoints(db: Db, s: string, reached: readonly { shard: number; position: number; recordedAt: Instant }[]): Promise<void> {
  await db.query(
    `insert into ${s}.checkpoint as c (shard, position, recorded_at)
     select * from unnest($1::smallint[], $2::bigint[], $3::timestamptz[])
     on conflict (shard) do update set position = excluded.position, recorded_at = excluded.recorded_at`,
    [reached.map(({ shard }) => shard), reached.map(({ position }) => position), reached.map(({ recordedAt }) => recordedAt)],
  );
}

export async function readCheckpoints(db: Db, s: string): Promise<Map<number, number>> {
  const { rows } = await db.query<Row>(`select shard, position from ${s}.checkpoint`);
  return tokenOf(rows);
}

interface Row {
  shard: number;
  position: string | number;
}

const tokenOf = (rows: readonly Row[]): Map<number, number> => new Map(rows.map(({ shard, position }) => [shard, Number(position)]));

/** Whether everything that a token names has been reached. */
export const reaches = (reached: Token, token: Token): boolean => [...token].every(([shard, position]) => position <= (reached.get(shard) ?? 0));
