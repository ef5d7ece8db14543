import { eventAt, type NewEvent, type RecordedEvent, UnreadableEvent, type Upcasters } from '#libs/domain';
import type { Db } from '#libs/platform';
import { hash } from 'node:crypto';
import pg from 'pg';

/** A row of the log in the database. `body` is the canonical JSON of the event that the writer made; hashes are hexadecimal. */
export interface StoredEvent {
  shard: number;
  position: number;
  recordedAt: string;
  eventId: string;
  type: string;
  stream: string;
  digest: string;
  chain: string;
  body: string;
}

/** The columns of a StoredEvent, to be read with `types`. */
export const EVENT_COLUMNS = `e.shard, e.position, e.recorded_at at time zone 'UTC' as "recordedAt",
  e.event_id as "eventId", e.type, e.stream, e.digest, e.chain, e.body`;

/**
 * The instant of a time without zone as PostgreSQL writes it (`2025-11-20 08:00:00.5`). Digits beyond the millisecond are
 * kept: they show a forgery.
 */
export function instant(text: string): string {
  if (text !== last.text) {
    const [time, fraction = ''] = text.split('.') as [string, string?];
    last.text = text;
    last.instant = `${time.replace(' ', 'T')}.${fraction.padEnd(3, '0')}Z`;
  }
  return last.instant;
}

// Events of one append have one time.
const last = { text: '', instant: '' };

const BYTEA_OID = 17;
const INT8_OID = 20;
const TIMESTAMP_OID = 1114;

type Parser = (text: string) => unknown;

const parsers: Record<number, Parser> = {
  [BYTEA_OID]: (text) => text.slice(2),
  [INT8_OID]: Number,
  [TIMESTAMP_OID]: instant,
};

/**
 * The types of values from queries of the log, whatever the pool is set to: int8 as numbers, times in UTC as instants,
 * bytea in hexadecimal.
 */
export const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') =>
    parsers[oid] ?? (pg.types.getTypeParser(oid, format) as Parser),
};

/** What makes an event of a row: its place in the log, and the body, which has the rest. */
export type RecordRow = Pick<StoredEvent, 'shard' | 'position' | 'recordedAt' | 'digest' | 'chain' | 'body'>;

/** Its columns, for `recordRows`. Few, because each costs a reader about a tenth of what parsing the body does. */
export const RECORD_COLUMNS = `e.position, e.recorded_at at time zone 'UTC', e.digest, e.chain, e.body`;

/**
 * Reads rows of one shard that are to be events: as arrays, which pg makes faster than objects.
 * @param query selects RECORD_COLUMNS
 */
export async function recordRows(
  db: Db,
  shard: number,
  query: { name?: string; text: string; values: unknown[] },
): Promise<RecordRow[]> {
  type Columns = [number, string, string, string, string];
  const { rows } = await db.query<Columns>({ ...query, rowMode: 'array', types });
  return rows.map(([position, recordedAt, digest, chain, body]) => ({
    shard,
    position,
    recordedAt,
    digest,
    chain,
    body,
  }));
}

/**
 * The event of a row, in the newest schema version; the stored text stays as it is. The body is parsed once.
 * @throws UnreadableEvent
 */
export function recorded(row: RecordRow & { eventId?: string }, upcasters?: Upcasters): RecordedEvent {
  const { shard, position, recordedAt, digest, chain, body } = row;
  try {
    return eventAt(JSON.parse(body) as NewEvent, { shard, position, recordedAt, digest, chain }, upcasters);
  } catch (error) {
    throw new UnreadableEvent(row, row.eventId, error);
  }
}

/**
 * A row as it is, for those who pass its text on. A text with its digest is what was recorded; only another one is parsed, which
 * costs more.
 * @throws UnreadableEvent where the text is not a JSON object
 */
export function requireReadable<
  T extends Pick<StoredEvent, 'shard' | 'position' | 'eventId' | 'digest' | 'body'>,
>(row: T): T {
  if (hash('sha256', row.body, 'hex') === row.digest) return row;
  try {
    const event: unknown = JSON.parse(row.body);
    if (typeof event !== 'object' || event === null) throw new Error('it is not a JSON object');
    return row;
  } catch (error) {
    throw new UnreadableEvent(row, row.eventId, error);
  }
}

/** The same error; that of an unreadable event with the event's id, which its own text may no longer say. */
export async function withEventId(db: Db, error: unknown): Promise<unknown> {
  if (!(error instanceof UnreadableEvent) || error.eventId !== undefined) return error;
  const { rows } = await db.query<{ eventId: string }>(
    'select event_id as "eventId" from claimline.events where shard = $1 and position = $2',
    [error.shard, error.position],
  );
  return new UnreadableEvent(error, rows[0]?.eventId, error.cause);
}
