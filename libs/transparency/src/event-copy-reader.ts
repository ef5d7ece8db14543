import type { StoredEvent } from '#libs/log';
import type pg from 'pg';
import { finished } from 'node:stream/promises';
import { to } from 'pg-copy-streams';

/** An event as COPY gives it: its body in bytes, because they are verified. */
export type CopiedEvent = Omit<StoredEvent, 'shard' | 'body'> & { body: Buffer };

/** The events of a shard after one position and up to another, in order. COPY costs a third of a query that parses texts into objects. */
export async function copyEvents(
  client: pg.ClientBase,
  shard: number,
  after: number,
  upTo: number,
): Promise<CopiedEvent[]> {
  // COPY takes no parameters, and these are whole numbers.
  if (![shard, after, upTo].every(Number.isSafeInteger))
    throw new TypeError(`not a range: ${shard}, ${after}, ${upTo}`);
  const text = `
    copy (select position, recorded_at, event_id::text, type, stream, digest, chain, body from claimline.events
          where shard = ${shard} and position > ${after} and position <= ${upTo} order by position) to stdout (format binary)`;
  const stream = client.query(to(text));
  const chunks: Buffer[] = [];
  // A chunk is a row: awaiting each would take longer than reading it.
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  await finished(stream);
  return rowsOf(Buffer.concat(chunks));
}

// The binary format of COPY: a signature, flags, the length of an extension; then rows: the number of fields, and each
// field after its length.
const SIGNATURE_BYTES = 11;
const FIELD_COUNT = 8;

function rowsOf(copied: Buffer): CopiedEvent[] {
  const rows: CopiedEvent[] = [];
  let at = SIGNATURE_BYTES + 4;
  at += 4 + copied.readInt32BE(at);
  /** Skips a field. @returns its start; `at` is its end */
  const field = (): number => {
    const from = at + 4;
    at = from + Math.max(0, copied.readInt32BE(at));
    return from;
  };
  const clock = new Clock();
  while (copied.readInt16BE(at) === FIELD_COUNT) {
    at += 2;
    rows.push({
      position: int8(copied, field()),
      recordedAt: clock.instant(copied, field()),
      eventId: copied.toString('latin1', field(), at),
      type: copied.toString('utf8', field(), at),
      stream: copied.toString('utf8', field(), at),
      digest: copied.toString('hex', field(), at),
      chain: copied.toString('hex', field(), at),
      body: copied.subarray(field(), at),
    });
  }
  return rows;
}

const YEAR_2000 = Date.UTC(2000, 0, 1);
/** The last millisecond that a Date can hold. */
const MAX_DATE_MS = 8.64e15;

const INT4_RANGE = 2 ** 32;

/** An int8 that is a position: exact up to 2^53. */
const int8 = (bytes: Buffer, at: number): number =>
  bytes.readInt32BE(at) * INT4_RANGE + bytes.readUInt32BE(at + 4);

/** Reads times of the database: microseconds since 2000. Events of one append have one time. */
class Clock {
  private high = 0;
  private low = 0;
  private text = '';

  instant(bytes: Buffer, at: number): string {
    const [high, low] = [bytes.readInt32BE(at), bytes.readUInt32BE(at + 4)];
    if (this.text === '' || high !== this.high || low !== this.low) {
      [this.high, this.low] = [high, low];
      this.text = instantOf(bytes.readBigInt64BE(at));
    }
    return this.text;
  }
}

/** Digits beyond the millisecond and `infinity` are kept: they show a forgery. */
function instantOf(microseconds: bigint): string {
  const milliseconds = YEAR_2000 + Number(microseconds / 1000n);
  if (Math.abs(milliseconds) > MAX_DATE_MS) return 'infinity';
  const text = new Date(milliseconds).toISOString();
  return microseconds % 1000n === 0n
    ? text
    : `${text.slice(0, -1)}${String(microseconds % 1000n).padStart(3, '0')}Z`;
}
