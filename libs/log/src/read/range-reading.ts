import { UnreadableEvent, type Instant } from '#libs/domain';
import type { Db } from '#libs/platform';
import type { LogRange } from './log-range.js';
import type { ShardPage, ShardRange } from './merged-shards.js';
import {
  EVENT_COLUMNS,
  RECORD_COLUMNS,
  recordRows,
  requireReadable,
  types,
  type RecordRow,
  type StoredEvent,
} from '../rows/stored-event.js';

/** A row of the log, with the trace that it came in with. */
export interface TracedEvent extends StoredEvent {
  traceparent: string | null;
}

/** Consecutive events of a shard that were recorded at one time, as lines of JSON. */
export interface LineChunk {
  shard: number;
  recordedAt: Instant;
  /** Of the last one. */
  position: number;
  events: number;
  /** One event a line, as `GET /v1/events` gives it. */
  lines: string;
  /** Instead of a line: the event that cannot be read. */
  unreadable?: UnreadableEvent;
}

type Narrowed = Pick<LogRange, 'streams' | 'types'>;

/** Reads the beginning of a span. `streams`: the requested streams of its shard. */
export type ReadShardRange<T> = (
  db: Db,
  span: ShardRange,
  limit: number,
  narrowed: Narrowed,
) => Promise<ShardPage<T>>;

/** The most positions that one query reads, however rare the requested types are. */
const MAX_POSITIONS_PER_QUERY = 20_000;

export const readRows: ReadShardRange<TracedEvent> = async (db, range, limit, narrowed) => {
  const { name, text, values, upTo } = query(range, limit, narrowed);
  const { rows } = await db.query<TracedEvent>({
    name: `read-rows-${name}`,
    text: `select ${EVENT_COLUMNS}, e.traceparent ${text} order by e.position`,
    values,
    types,
  });
  return { items: rows, reached: rows.length < limit ? upTo : rows.at(-1)!.position };
};

/** As `readRows`, only what makes them events. */
export const readRecords: ReadShardRange<RecordRow> = async (db, range, limit, narrowed) => {
  const { name, text, values, upTo } = query(range, limit, narrowed);
  const items = await recordRows(db, range.shard, {
    name: `read-records-${name}`,
    text: `select ${RECORD_COLUMNS} ${text} order by e.position`,
    values,
  });
  return { items, reached: items.length < limit ? upTo : items.at(-1)!.position };
};

/**
 * As `readRows`, as lines that the database writes: in a third of the time of fetching rows, parsing and writing them
 * again. The stored text is canonical, so the fields that the store adds can be appended to it. Where a text does not have
 * its digest, the events are read one by one.
 */
export const readLineChunks: ReadShardRange<LineChunk> = async (db, range, limit, narrowed) => {
  const { name, text, values, upTo } = query(range, limit, narrowed);
  const { rows: items } = await db.query<LineChunk & { isWhole?: boolean }>({
    name: `read-lines-${name}`,
    text: `
      select $1::int as shard, e.recorded_at at time zone 'UTC' as "recordedAt", max(e.position) as position, count(*)::int as events,
        bool_and(sha256(convert_to(e.body, 'UTF8')) = e.digest) as "isWhole",
        string_agg(
          left(e.body, -1) || ',"shard":' || e.shard || ',"position":' || e.position
          || to_char(e.recorded_at at time zone 'UTC', '",\\"recordedAt\\":\\""YYYY-MM-DD"T"HH24:MI:SS.MS"Z\\",\\"digest\\":\\""')
          || encode(e.digest, 'hex') || '","chain":"' || encode(e.chain, 'hex') || '"}', E'\\n' order by e.position) || E'\\n' as lines
      from (select e.* ${text} order by e.position) e
      group by e.recorded_at order by max(e.position)`,
    values,
    types,
  });
  if (items.some(({ isWhole }) => !isWhole)) return readLineByLine(db, range, limit, narrowed);
  const found = items.reduce((sum, { events }) => sum + events, 0);
  return { items, reached: found < limit ? upTo : items.at(-1)!.position };
};

/** As `readLineChunks`, a chunk for each event: one that cannot be read has no line. */
const readLineByLine: ReadShardRange<LineChunk> = async (db, range, limit, narrowed) => {
  const { items, reached } = await readRows(db, range, limit, narrowed);
  return { items: items.map(lineChunk), reached };
};

function lineChunk(row: TracedEvent): LineChunk {
  const { shard, recordedAt, position, digest, chain } = row;
  const chunk = { shard, recordedAt, position, events: 1 };
  try {
    const placement = JSON.stringify({ shard, position, recordedAt, digest, chain });
    return { ...chunk, lines: `${requireReadable(row).body.trimEnd().slice(0, -1)},${placement.slice(1)}\n` };
  } catch (error) {
    if (!(error instanceof UnreadableEvent)) throw error;
    return { ...chunk, lines: '', unreadable: error };
  }
}

/** @throws UnreadableEvent where the chunk stands for one */
export function readableLines(chunk: LineChunk): LineChunk {
  if (chunk.unreadable) throw chunk.unreadable;
  return chunk;
}

/**
 * The source of the events, and the position up to which they are read. Each kind of source has a name, by which a query of
 * it is prepared once a connection.
 */
function query(
  { shard, after, upTo }: ShardRange,
  limit: number,
  { streams, types: wanted }: Narrowed,
): { name: string; text: string; values: unknown[]; upTo: number } {
  const ofType = (parameter: string) => (wanted ? `and type = any(${parameter}::text[])` : '');
  if (streams)
    return {
      name: wanted ? 'of-streams-and-types' : 'of-streams',
      // First positions from the index, then only the rows of the requested ones: streams may have many events each.
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
  const end = wanted ? Math.min(upTo, after + MAX_POSITIONS_PER_QUERY) : upTo;
  return {
    name: wanted ? 'of-types' : 'of-all',
    text: `
      from (
        select * from claimline.events
        where shard = $1 and position > $2 and position <= $3 ${ofType('$5')} order by position limit $4
      ) e`,
    values: [shard, after, end, limit, ...(wanted ? [wanted] : [])],
    upTo: end,
  };
}
