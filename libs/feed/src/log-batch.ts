import { upcast, type NewEvent, type RecordedEvent, type Token } from '#libs/domain';
import type pg from 'pg';

type Db = Pick<pg.Pool, 'query'>;

/** How much to read of one shard. */
interface Share {
  shard: number;
  after: number;
  take: number;
}

/**
 * The next events after a token, at most `limit`, over all shards that have any, in order within each shard. No shard
 * waits for another: each that is behind has its part of the batch.
 */
export async function readBatch(db: Db, after: Token, limit: number, skip: (shard: number) => boolean): Promise<RecordedEvent[]> {
  const heads = await headsOf(db);
  const behind = heads
    .filter(({ shard }) => !skip(shard))
    .map(({ shard, position }) => ({ shard, after: after.get(shard) ?? 0, take: position - (after.get(shard) ?? 0) }))
    .filter(({ take }) => take > 0);
  return behind.length === 0 ? [] : readShares(db, shares(behind, limit));
}

/** Cuts what is to be read down to a limit, evenly: what one shard does not need goes to the others. */
export function shares(behind: readonly Share[], limit: number): Share[] {
  let left = limit;
  return behind
    .toSorted((a, b) => a.take - b.take)
    .map((share, at) => {
      const take = Math.min(share.take, Math.ceil(left / (behind.length - at)));
      left -= take;
      return { ...share, take };
    })
    .filter(({ take }) => take > 0);
}

async function headsOf(db: Db): Promise<{ shard: number; position: number }[]> {
  const { rows } = await db.query<{ shard: number; position: string }>('select shard, position from claimline.heads');
  return rows.map(({ shard, position }) => ({ shard, position: Number(position) }));
}

interface Row {
  shard: number;
  position: string;
  recordedAt: Date;
  digest: string;
  chain: string;
  body: string;
}

async function readShares(db: Db, wanted: readonly Share[]): Promise<RecordedEvent[]> {
  const { rows } = await db.query<Row>(
    `select e.shard, e.position, e.recorded_at as "recordedAt", encode(e.digest, 'hex') as digest, encode(e.chain, 'hex') as chain, e.body
     from unnest($1::smallint[], $2::bigint[], $3::int[]) s (shard, after, take)
     cross join lateral (
       select * from claimline.events e where e.shard = s.shard and e.position > s.after order by e.position limit s.take
     ) e
     order by e.shard, e.position`,
    [wanted.map(({ shard }) => shard), wanted.map(({ after }) => after), wanted.map(({ take }) => take)],
  );
  return rows.map(({ shard, position, recordedAt, digest, chain, body }) => {
    const event = upcast(JSON.parse(body) as NewEvent);
    return Object.assign(event, { shard, position: Number(position), recordedAt: recordedAt.toISOString(), digest, chain });
  });
}
