import { parseMoment, type Instant, type Token } from '#libs/domain';
import type pg from 'pg';
import type { Head } from './heads.js';
import type { Span } from './merged-shards.js';
import { types } from './stored-event.js';

type Db = Pick<pg.ClientBase, 'query'>;

/** A place in the log to begin or end at: a time of recording, or a token. */
export type Bound = Instant | Token;

/** Which part of the log is wanted. A token holds the events up to the positions that it names, and none of a shard that it does not name. */
export interface Wanted {
  /** What it holds is left out: where an earlier reading has come to. */
  after?: Token | undefined;
  /** Recorded at this time or later; or not held by this token. */
  from?: Bound | undefined;
  /** Recorded at this time or earlier; or held by this token. */
  to?: Bound | undefined;
  /** Of these streams only: ids of places as they were when the events were recorded, `register`. */
  streams?: readonly string[] | undefined;
  types?: readonly string[] | undefined;
}

/** A part of the log: of each shard a span, and what is wanted of it. It does not change while the log grows. */
export interface LogRange {
  spans: Span[];
  streams?: readonly string[] | undefined;
  types?: readonly string[] | undefined;
}

/** The range of what is wanted, up to the heads given. A time is found by halving: about 20 events of each shard are looked at in a million. */
export async function rangeOf(
  db: Db,
  heads: readonly Head[],
  { after = new Map(), from, to, streams, types: ofTypes }: Wanted,
  shardOf: (stream: string) => number,
): Promise<LogRange> {
  const [first, last] = [await positionsOf(db, from, 'before'), await positionsOf(db, to, 'upTo')];
  const shards = streams && new Set(streams.map(shardOf));
  const spans = heads
    .filter(({ shard }) => shards?.has(shard) ?? true)
    .map(({ shard, position }): Span => {
      const upTo = to === undefined ? position : Math.min(position, last.get(shard) ?? 0);
      return { shard, after: Math.min(upTo, Math.max(after.get(shard) ?? 0, first.get(shard) ?? 0)), upTo };
    });
  return { spans, streams, types: ofTypes };
}

/** How many positions a range spans: exact, and known without a look at the events. */
export const positionsIn = ({ spans }: Pick<LogRange, 'spans'>): number =>
  spans.reduce((sum, { after, upTo }) => sum + upTo - after, 0);

/** The token that is reached at the end of a range. */
export const endOf = ({ spans }: Pick<LogRange, 'spans'>): Token =>
  new Map(spans.map(({ shard, upTo }) => [shard, upTo]));

async function positionsOf(db: Db, bound: Bound | undefined, which: 'before' | 'upTo'): Promise<Token> {
  if (bound === undefined) return new Map();
  if (typeof bound !== 'string') return bound;
  if (parseMoment(bound) === undefined) throw new RangeError(`not a time: ${bound}`);
  const { rows } = await db.query<{ shard: number; position: number }>({
    name: `positions-${which}`,
    // The last event of each shard that is recorded before the time, or at it at the latest.
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
