import { parseMoment, type Instant, type Token } from '#libs/domain';
import type { Db } from '#libs/platform';
import type { Head } from '../rows/heads.js';
import type { ShardRange } from './merged-shards.js';
import { types } from '../rows/stored-event.js';

/** A bound in the log: a time of recording, or a token. */
export type RangeBound = Instant | Token;

/**
 * The requested part of the log. A token holds the events up to the positions that it names, and none of a shard that it
 * does not name.
 */
export interface RangeFilter {
  /** The position of an earlier reading: the events that this token holds are left out. */
  after?: Token | undefined;
  /** Recorded at this time or later; or not held by this token. */
  from?: RangeBound | undefined;
  /** Recorded at this time or earlier; or held by this token. */
  to?: RangeBound | undefined;
  /** Only these streams: ids of places as they were when the events were recorded, or `register`. */
  streams?: readonly string[] | undefined;
  types?: readonly string[] | undefined;
}

/** A part of the log: a span of each shard, and a filter on its events. It does not change while the log grows. */
export interface LogRange {
  spans: ShardRange[];
  streams?: readonly string[] | undefined;
  types?: readonly string[] | undefined;
}

/** The range of a request, up to the heads given. A time is found by binary search: about 20 reads in a shard of a million events. */
export async function rangeOf(
  db: Db,
  heads: readonly Head[],
  { after = new Map(), from, to, streams, types: ofTypes }: RangeFilter,
  shardOf: (stream: string) => number,
): Promise<LogRange> {
  const [first, last] = [await positionsOf(db, from, 'before'), await positionsOf(db, to, 'upTo')];
  const shards = streams && new Set(streams.map(shardOf));
  const spans = heads
    .filter(({ shard }) => shards?.has(shard) ?? true)
    .map(({ shard, position }): ShardRange => {
      const upTo = to === undefined ? position : Math.min(position, last.get(shard) ?? 0);
      return { shard, after: Math.min(upTo, Math.max(after.get(shard) ?? 0, first.get(shard) ?? 0)), upTo };
    });
  return { spans, streams, types: ofTypes };
}

/** The number of positions in a range: exact, and known without reading events. */
export const positionsIn = ({ spans }: Pick<LogRange, 'spans'>): number =>
  spans.reduce((sum, { after, upTo }) => sum + upTo - after, 0);

/** The token at the end of a range. */
export const rangeEnd = ({ spans }: Pick<LogRange, 'spans'>): Token =>
  new Map(spans.map(({ shard, upTo }) => [shard, upTo]));

async function positionsOf(db: Db, bound: RangeBound | undefined, which: 'before' | 'upTo'): Promise<Token> {
  if (bound === undefined) return new Map();
  if (typeof bound !== 'string') return bound;
  if (parseMoment(bound) === undefined) throw new RangeError(`not a time: ${bound}`);
  const { rows } = await db.query<{ shard: number; position: number }>({
    name: `positions-${which}`,
    // The last event of each shard that was recorded before the time, or at it.
    text: `
      with recursive search (shard, low, high) as (
        select shard, 0::bigint, position from claimline.heads
        union all
        select s.shard, case when hit then m.middle else s.low end, case when hit then s.high else m.middle - 1 end
        from search s
        cross join lateral (select (s.low + s.high + 1) / 2 as middle) m
        join claimline.events e on e.shard = s.shard and e.position = m.middle
        cross join lateral (select e.recorded_at ${which === 'before' ? '<' : '<='} $1::timestamptz as hit) h
        where s.low < s.high
      )
      select shard, max(low) as position from search group by shard`,
    values: [bound],
    types,
  });
  return new Map(rows.map(({ shard, position }) => [shard, position]));
}
