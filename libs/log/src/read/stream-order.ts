import { eventAt, type NewEvent, type PlacedEvent, UnreadableEvent, type Upcasters } from '#libs/domain';
import type pg from 'pg';
import { to } from 'pg-copy-streams';
import { instant } from '../rows/stored-event.js';

/** The memory that the database may use to sort one shard; beyond it, it sorts on disk. */
const SORTED_IN_MEMORY = '32MB';
/** The bytes of rows that wait to be read: a page of events, at most. */
const PAGE_BYTES = 512 * 1024;

/**
 * The events of a shard up to a position, stream by stream (by the bytes of their names), each in its order; in pages of
 * any length. By COPY, which costs Node a fifth of a query: rows are not made objects before they are events. Holds one
 * connection until its end.
 * @throws UnreadableEvent, without the id of the event
 */
export async function* readByStream(
  pool: pg.Pool,
  shard: number,
  upTo: number,
  upcasters: Upcasters,
  signal?: AbortSignal,
): AsyncGenerator<PlacedEvent[]> {
  const client = await pool.connect();
  let whole = false;
  try {
    await client.query(
      `begin read only; set local work_mem = '${SORTED_IN_MEMORY}'; set local statement_timeout = 0`,
    );
    const text = `
      copy (select e.position, (e.recorded_at at time zone 'UTC')::text, e.digest, e.body from claimline.events e
            where e.shard = ${Number(shard)} and e.position <= ${Number(upTo)} order by e.stream collate "C", e.position)
      to stdout (format binary)`;
    const rows = new CopiedRows(shard, upcasters);
    for await (const chunk of client.query(
      to(text, { highWaterMark: PAGE_BYTES }),
    ) as AsyncIterable<Buffer>) {
      signal?.throwIfAborted();
      const events = rows.read(chunk);
      if (events.length > 0) yield events;
    }
    await client.query('commit');
    whole = true;
  } finally {
    // Also if the caller stops early: the transaction ends with the connection.
    client.release(!whole);
  }
}

// The binary format of COPY: a signature, flags, the length of an extension (none); then rows: the number of fields, and
// each field after its length. Instead of a row, -1 comes at the end.
const HEADER_BYTES = 19;
const FIELDS = 4;
const POSITION_BYTES = 8;

const INT4_RANGE = 2 ** 32;

/** Makes events of copied rows; chunks may end within a row. */
class CopiedRows {
  private skip = HEADER_BYTES;
  private rest: Buffer = Buffer.alloc(0);

  constructor(
    private readonly shard: number,
    private readonly upcasters: Upcasters,
  ) {}

  /** The events of the rows that end in a chunk. */
  read(chunk: Buffer): PlacedEvent[] {
    const bytes = this.rest.length === 0 ? chunk : Buffer.concat([this.rest, chunk]);
    const events: PlacedEvent[] = [];
    let at = Math.min(this.skip, bytes.length);
    this.skip -= at;
    for (let end: number; (end = endOfRow(bytes, at)) > 0; at = end)
      events.push(this.eventOf(bytes, at, end));
    this.rest = bytes.subarray(at);
    return events;
  }

  private eventOf(bytes: Buffer, from: number, end: number): PlacedEvent {
    const { shard } = this;
    const position = from + 2 + 4;
    const time = position + POSITION_BYTES + 4;
    const digest = time + bytes.readInt32BE(time - 4) + 4;
    const body = digest + bytes.readInt32BE(digest - 4) + 4;
    const at = {
      shard,
      // Exact up to 2^53.
      position: bytes.readInt32BE(position) * INT4_RANGE + bytes.readUInt32BE(position + 4),
      recordedAt: instant(bytes.toString('latin1', time, digest - 4)),
      digest: bytes.toString('hex', digest, body - 4),
    };
    try {
      return eventAt(JSON.parse(bytes.toString('utf8', body, end)) as NewEvent, at, this.upcasters);
    } catch (error) {
      throw new UnreadableEvent(at, undefined, error);
    }
  }
}

/** The end of the row that begins at a byte; 0 where its end is not there, or there are no more rows. */
function endOfRow(bytes: Buffer, from: number): number {
  if (from + 2 > bytes.length || bytes.readInt16BE(from) !== FIELDS) return 0;
  let at = from + 2;
  for (let field = 0; field < FIELDS; field++) {
    if (at + 4 > bytes.length) return 0;
    at += 4 + bytes.readInt32BE(at);
  }
  return at <= bytes.length ? at : 0;
}
