import { eventAt, type NewEvent, type PlacedEvent, type Token } from '#libs/domain';
import { readPositions, types } from '#libs/log';
import type { StoredBody } from '#libs/messaging';
import type { Db } from '#libs/platform';
import type { FeedBatch } from './delivery-with-backoff.js';

/** How much to read of one shard. */
interface Share {
  shard: number;
  after: number;
  take: number;
}

/**
 * The next rows of the log after a token, at most `limit`, over all shards that have any, in order within each shard. Each
 * shard that is behind has a part of the batch, so that no shard waits for another.
 */
export async function readRows(
  db: Db,
  after: Token | Promise<Token>,
  limit: number,
  skip: (shard: number) => boolean = () => false,
): Promise<StoredBody[]> {
  const [heads, reached] = await Promise.all([readPositions(db), after]);
  const behind = [...heads]
    .filter(([shard]) => !skip(shard))
    .map(([shard, position]) => ({
      shard,
      after: reached.get(shard) ?? 0,
      take: position - (reached.get(shard) ?? 0),
    }))
    .filter(({ take }) => take > 0);
  return behind.length === 0 ? [] : readShares(db, splitBudget(behind, limit));
}

/** Divides a limit evenly among shards; the others get what one shard does not need. */
function splitBudget(behind: readonly Share[], limit: number): Share[] {
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

async function readShares(db: Db, wanted: readonly Share[]): Promise<StoredBody[]> {
  const { rows } = await db.query<StoredBody>({
    name: 'read-shares',
    text: `
     select e.shard, e.position, e.recorded_at at time zone 'UTC' as "recordedAt", e.event_id as "eventId", e.type, e.stream,
            e.digest, e.traceparent, e.body
     from unnest($1::smallint[], $2::bigint[], $3::int[]) s (shard, after, take)
     cross join lateral (
       select * from claimline.events e where e.shard = s.shard and e.position > s.after order by e.position limit s.take
     ) e
     order by e.shard, e.position`,
    values: [
      wanted.map(({ shard }) => shard),
      wanted.map(({ after }) => after),
      wanted.map(({ take }) => take),
    ],
    types,
  });
  return rows;
}

/** The events of rows; in each shard up to the first that this version cannot read. */
export function batchOf(rows: readonly StoredBody[]): FeedBatch {
  const unreadable = new Map<number, FeedBatch['unreadable'][number]>();
  const events: PlacedEvent[] = [];
  for (const { shard, position, recordedAt, digest, eventId, body } of rows) {
    if (unreadable.has(shard)) continue;
    try {
      events.push(eventAt(JSON.parse(body) as NewEvent, { shard, position, recordedAt, digest }));
    } catch (error) {
      unreadable.set(shard, { shard, position, eventId, error });
    }
  }
  const traceparents = rows.flatMap(({ traceparent }) => traceparent ?? []);
  return { events, unreadable: [...unreadable.values()], traceparents };
}
