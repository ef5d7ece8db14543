import { eventAt, type NewEvent, type RecordedEvent, type Upcasters } from '#libs/domain';
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
function instant(text: string): string {
  const [time, fraction = ''] = text.split('.') as [string, string?];
  return `${time.replace(' ', 'T')}.${fraction.padEnd(3, '0')}Z`;
}

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

/** The event of a row, in the newest schema version; the stored text stays as it is. The body is parsed once. */
export function recorded(
  { shard, position, recordedAt, digest, chain, body }: StoredEvent,
  upcasters?: Upcasters,
): RecordedEvent {
  return eventAt(JSON.parse(body) as NewEvent, { shard, position, recordedAt, digest, chain }, upcasters);
}
