import type { Instant } from '#libs/domain';
import type pg from 'pg';
import type { LogRange } from './log-range.js';
import type { ShardPage, Span } from './merged-shards.js';
import { COLUMNS, types, type StoredEvent } from './stored-event.js';

type Db = Pick<pg.ClientBase, 'query'>;

/** A row of the log, with the trace that it came in with. */
export interface TracedEvent extends StoredEvent {
  traceparent: string | null;
}

/** Events of a shard that were recorded at one time, one after the other, as lines of JSON. */
export interface Slice {
  shard: number;
  recordedAt: Instant;
  /** Of the last one. */
  position: number;
  events: number;
  /** One event a line, as `GET /v1/events` gives it. */
  lines: string;
}

type Narrowed = Pick<LogRange, 'streams' | 'types'>;

/** Reads the beginning of a span. `streams`: those that are wanted and lie in its shard. */
export type ReadSpan<T> = (db: Db, span: Span, limit: number, narrowed: Narrowed) => Promise<ShardPage<T>>;

/** Where types are wanted that are rare, no query looks at more positions. */
const LOOKED_AT = 20_000;

export const readRows: ReadSpan<TracedEvent> = async (db, span, limit, narrowed) => {
  const { text, values, upTo } = query(span, limit, narrowed);
  const { rows } = await db.query<TracedEvent>({
    text: `select ${COLUMNS}, e.traceparent ${text} order by e.position`,
    values,
    types,
  });
  return { items: rows, reached: rows.length < limit ? upTo : rows.at(-1)!.position };
};

/**
 * The same as lines, which the database writes: it takes a third of the time that it takes to bring rows here, parse them and
 * write them again. The stored text is canonical, so that what the store adds can be written behind it.
 */
export const readSlices: ReadSpan<Slice> = async (db, span, limit, narrowed) => {
  const { text, values, upTo } = query(span, limit, narrowed);
  const { rows: items } = await db.query<Slice>({
    text: `
      select $1::int as shard, e.recorded_at at time zone 'UTC' as "recordedAt", max(e.position) as position, count(*)::int as events,
        string_agg(
          left(e.body, -1) || ',"shard":' || e.shard || ',"position":' || e.position
          || to_char(e.recorded_at at time zone 'UTC', '",\\"recordedAt\\":\\""YYYY-MM-DD"T"HH24:MI:SS.MS"Z\\",\\"digest\\":\\""')
          || encode(e.digest, 'hex') || '","chain":"' || encode(e.chain, 'hex') || '"}', E'\\n' order by e.position) || E'\\n' as lines
      from (select e.* ${text} order by e.position) e
      group by e.recorded_at order by max(e.position)`,
    values,
    types,
  });
  const found = items.reduce((sum, { events }) => sum + events, 0);
  return { items, reached: found < limit ? upTo : items.at(-1)!.position };
};

/** From where the events are read, and up to which position. */
function query(
  { shard, after, upTo }: Span,
  limit: number,
  { streams, types: wanted }: Narrowed,
): { text: string; values: unknown[]; upTo: number } {
  const ofType = (parameter: string) => (wanted ? `and type = any(${parameter}::text[])` : '');
  if (streams)
    return {
      // First the places in the index, then the rows of those that are wanted: streams may have many events each.
      text: `
        from (
          select f.position from unnest($5::text[]) s (stream)
          cross join lateral (
            select position from claimline.events
            where stream = s.stream and position > $2 and position <= $3 ${ofType('$6')} order by position limit $4
          ) f
          order by f.position limit $4
        ) f
        cross join lateral (select * from claimline.events where shard = $1 and position = f.position offset 0) e`,
      values: [shard, after, upTo, limit, streams, ...(wanted ? [wanted] : [])],
      upTo,
    };
  const end = wanted ? Math.min(upTo, after + LOOKED_AT) : upTo;
  return {
    text: `
      from (
        select * from claimline.events
        where shard = $1 and position > $2 and position <= $3 ${ofType('$5')} order by position limit $4
      ) e`,
    values: [shard, after, end, limit, ...(wanted ? [wanted] : [])],
    upTo: end,
  };
}
