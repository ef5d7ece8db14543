import type { Instant } from '#libs/domain';
import { bigintArray, byteaArray, smallintArray, timestamptzArray, type Db } from '#libs/platform';
import type pg from 'pg';
import { types } from './stored-event.js';

/** The last event of a shard: position 0 and no time while it is empty. `chain` is hexadecimal. */
export interface Head {
  shard: number;
  position: number;
  recordedAt: Instant | null;
  chain: string;
}

const HEAD = `shard, position, recorded_at at time zone 'UTC' as "recordedAt", chain`;

/** The heads of all shards, by shard. */
export async function readHeads(db: Db): Promise<Head[]> {
  const { rows } = await db.query<Head>({
    text: `select ${HEAD} from claimline.heads order by shard`,
    types,
  });
  return rows;
}

/** The heads of all shards, by shard, and the present epoch, all as of one moment. */
export async function readHeadsOfEpoch(db: Db): Promise<{ heads: Head[]; epoch: number }> {
  const { rows } = await db.query<Head & { epoch: number }>({
    text: `
      select ${HEAD}, (select coalesce(max(epoch), 0) from claimline.epochs) as epoch
      from claimline.heads order by shard`,
    types,
  });
  return { heads: rows.map(({ epoch: _epoch, ...head }) => head), epoch: rows[0]?.epoch ?? 0 };
}

/** The position of the last event of each shard: what following the log needs of the heads. */
export async function readPositions(db: Db): Promise<Map<number, number>> {
  const { rows } = await db.query<Pick<Head, 'shard' | 'position'>>({
    text: 'select shard, position from claimline.heads',
    types,
  });
  return new Map(rows.map(({ shard, position }) => [shard, position]));
}

// A writer that hangs inside its transaction would block every other writer of its shards.
const ABANDONED_AFTER_MS = 60_000;

/** A time of RFC 3339, in UTC: no other may come into the log. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3,6}Z$/;

/**
 * Begins a transaction and locks the heads of shards, in shard order, so that writers never deadlock. The clock is read
 * once the locks are held, so that time does not go back within a shard.
 * @throws TypeError at once, before anything is sent, where these are no shards: a caller may send more without waiting
 */
export function beginWithHeads(
  client: pg.ClientBase,
  shards: readonly number[],
): Promise<{ heads: Head[]; now: Instant }> {
  const wanted = [...new Set(shards)];
  // One round trip: several statements take no parameters, and these are whole numbers.
  if (wanted.length === 0 || !wanted.every(Number.isInteger))
    throw new TypeError(`not shards: ${wanted.join(', ')}`);
  const text = `
    begin isolation level read committed;
    set local synchronous_commit = on;
    set local idle_in_transaction_session_timeout = ${ABANDONED_AFTER_MS};
    select ${HEAD} from claimline.heads where shard in (${wanted.join(', ')}) order by shard for update;
    select date_trunc('milliseconds', clock_timestamp()) at time zone 'UTC' as now`;
  return client.query({ text, types }).then((answer) => {
    const results = answer as unknown as pg.QueryResult[];
    const heads = results[3]!.rows as Head[];
    const timeless = heads.find(({ recordedAt }) => recordedAt !== null && !INSTANT.test(recordedAt));
    if (timeless)
      throw new RangeError(`the head of shard ${timeless.shard} has no time: ${timeless.recordedAt}`);
    if (heads.length < wanted.length)
      throw new RangeError(`the store has no such shards: ${wanted.join(', ')}`);
    return { heads, now: (results[4]!.rows[0] as { now: Instant }).now };
  });
}

/**
 * Moves heads that the transaction has locked.
 * @throws RangeError where a head has no time: an empty shard is where no head moves to
 */
export async function moveHeads(db: Db, heads: readonly Head[]): Promise<void> {
  await db.query({
    name: 'move-heads',
    text: `
      update claimline.heads h set position = n.position, recorded_at = n.recorded_at, chain = n.chain
      from unnest($1::smallint[], $2::bigint[], $3::timestamptz[], $4::bytea[]) n (shard, position, recorded_at, chain)
      where h.shard = n.shard`,
    values: [
      smallintArray(heads.map((head) => head.shard)),
      bigintArray(heads.map((head) => head.position)),
      timestamptzArray(heads.map((head) => head.recordedAt!)),
      byteaArray(heads.map((head) => head.chain)),
    ],
  });
}
