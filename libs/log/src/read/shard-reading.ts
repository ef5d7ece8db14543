import { VOIDINGS, type LaterEvent, type RecordedEvent } from '#libs/domain';
import type { Db } from '#libs/platform';
import {
  EVENT_COLUMNS,
  RECORD_COLUMNS,
  recorded,
  recordRows,
  types,
  type RecordRow,
  type StoredEvent,
} from '../rows/stored-event.js';

/** Narrows a range of a shard: positions up to `upTo`, some types only. */
export interface Narrowing {
  upTo?: number;
  types?: readonly string[];
}

/** The rows of a shard after a position, in order. */
export async function readShard(
  db: Db,
  shard: number,
  after: number,
  limit: number,
  narrowing?: Narrowing,
): Promise<StoredEvent[]> {
  const { text, values } = query(EVENT_COLUMNS, shard, after, limit, narrowing);
  return (await db.query<StoredEvent>({ text, values, types })).rows;
}

/** As `readShard`, only what makes them events. */
export function readNext(db: Db, shard: number, after: number, limit: number): Promise<RecordRow[]> {
  return recordRows(db, shard, query(RECORD_COLUMNS, shard, after, limit));
}

const query = (
  columns: string,
  shard: number,
  after: number,
  limit: number,
  { upTo, types: wanted }: Narrowing = {},
) => ({
  text: `
    select ${columns} from claimline.events e
    where e.shard = $1 and e.position > $2 and e.position <= $3 ${wanted ? 'and e.type = any($5)' : ''}
    order by e.position limit $4`,
  values: [shard, after, upTo ?? Number.MAX_SAFE_INTEGER, limit, ...(wanted ? [wanted] : [])],
});

/** The events of a stream after a position of its shard, in order. */
export async function readStream(
  db: Db,
  stream: string,
  after: number,
  limit: number,
): Promise<StoredEvent[]> {
  const { rows } = await db.query<StoredEvent>({
    text: `select ${EVENT_COLUMNS} from claimline.events e where e.stream = $1 and e.position > $2 order by e.position limit $3`,
    values: [stream, after, limit],
    types,
  });
  return rows;
}

export type RecordedLater = RecordedEvent<LaterEvent['type']>;

/** The events about a statement, in order. They are in the stream of the statement, after it. @throws UnreadableEvent */
export async function readLater(
  db: Db,
  { stream, position, statementId }: { stream: string; position: number; statementId: string },
): Promise<RecordedLater[]> {
  const { rows } = await db.query<StoredEvent>({
    text: `
      select ${EVENT_COLUMNS} from claimline.events e
      where e.stream = $1 and e.position > $2 and e.type = any($3)
        -- One that cannot be read may be about any statement of the stream.
        and case when e.body is json object then e.body::json ->> 'statementId' = $4 else true end
      order by e.position`,
    values: [stream, position, LATER, statementId],
    types,
  });
  return rows.map((row) => recorded(row) as RecordedLater);
}

const LATER: readonly LaterEvent['type'][] = ['claim.retracted', ...VOIDINGS];

export async function findEvent(db: Db, eventId: string): Promise<StoredEvent | undefined> {
  const { rows } = await db.query<StoredEvent>({
    text: `select ${EVENT_COLUMNS} from claimline.events e where e.event_id = $1`,
    values: [eventId],
    types,
  });
  return rows[0];
}
