import type { IHeaders, KafkaMessage } from 'kafkajs';

/** A record that a consumer may see. */
export type ReadRecord = Extract<KafkaMessage, { headers: IHeaders }> & { isControlRecord: false };

// The positions of the fields of a batch (magic 2), in bytes.
const [FIRST_OFFSET, ATTRIBUTES, FIRST_TIMESTAMP, MAX_TIMESTAMP, COUNT, RECORDS] = [0, 21, 27, 35, 57, 61];
const LOG_APPEND_TIME = 0x08;

/**
 * Reads the records of a batch (magic 2) that is not compressed. Keys, values and headers share its memory.
 * @throws Error where a record does not end within the batch
 */
export function readRecords(batch: Buffer): ReadRecord[] {
  const reader = new RecordReader(batch, RECORDS);
  const firstOffset = batch.readBigInt64BE(FIRST_OFFSET);
  const firstTimestamp = batch.readBigInt64BE(FIRST_TIMESTAMP);
  const appendTime =
    batch.readInt16BE(ATTRIBUTES) & LOG_APPEND_TIME ? String(batch.readBigInt64BE(MAX_TIMESTAMP)) : undefined;
  const records: ReadRecord[] = [];
  for (let left = batch.readInt32BE(COUNT); left > 0; left--) {
    const end = reader.endOfNext();
    const attributes = reader.byte();
    const timestampDelta = reader.integer();
    records.push({
      attributes,
      timestamp: appendTime ?? sum(firstTimestamp, timestampDelta),
      offset: sum(firstOffset, reader.integer()),
      key: reader.bytes(),
      value: reader.bytes(),
      headers: reader.headers(),
      isControlRecord: false,
    });
    // Later versions of the format may add fields.
    reader.moveTo(end);
  }
  return records;
}

/** Has no prototype, so that a header may have any name; of one shape, unlike `Object.create(null)`. */
const Headers = function () {} as unknown as new () => Record<string, IHeaders[string] | null>;
Headers.prototype = Object.create(null) as object;

/** Reads the fields of records, one after the other. */
class RecordReader {
  private readonly names: { bytes: Buffer; text: string }[] = [];

  constructor(
    private readonly from: Buffer,
    private at: number,
  ) {}

  /** Reads the length of the record that follows. @returns where it ends */
  endOfNext(): number {
    const length = this.length();
    return this.within(this.at + length);
  }

  moveTo(at: number): void {
    this.at = at;
  }

  byte(): number {
    return this.from.readInt8(this.at++);
  }

  /** Seven bits a byte, the lowest first; the lowest of all is the sign. */
  integer(): number | bigint {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.from[this.at++]!;
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    return this.large(BigInt(value));
  }

  /** An integer of five bytes and more, of which the first four are read. @throws past the end */
  private large(begun: bigint): bigint {
    let value = begun;
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.from.readUInt8(this.at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return (value >> 1n) ^ -(value & 1n);
  }

  bytes(): Buffer | null {
    const length = this.length();
    if (length < 0) return null;
    return this.from.subarray(this.at, (this.at = this.within(this.at + length)));
  }

  headers(): IHeaders {
    const headers = new Headers();
    for (let left = this.length(), nth = 0; left > 0; left--, nth++) {
      const name = this.name(nth);
      const value = this.bytes();
      const before = headers[name];
      headers[name] = before === undefined ? value : ([before, value].flat() as (Buffer | string)[]);
    }
    return headers as IHeaders;
  }

  /** The headers of most records have the names of those before: a name is compared, and not made again. */
  private name(nth: number): string {
    const length = this.length();
    const begin = this.at;
    this.at = this.within(begin + length);
    const known = this.names[nth];
    if (known?.bytes.length === length) {
      let same = 0;
      while (same < length && known.bytes[same] === this.from[begin + same]) same++;
      if (same === length) return known.text;
    }
    const bytes = this.from.subarray(begin, this.at);
    const text = bytes.toString();
    this.names[nth] = { bytes, text };
    return text;
  }

  private length(): number {
    return Number(this.integer());
  }

  private within(end: number): number {
    if (!(end >= this.at && end <= this.from.length)) throw new Error('a record is cut off');
    return end;
  }
}

const SAFE = BigInt(Number.MAX_SAFE_INTEGER) / 2n;

/** Their sum in digits, exact also where a producer counts nanoseconds. */
const sum = (base: bigint, delta: number | bigint): string =>
  typeof delta === 'number' && base < SAFE && base > -SAFE
    ? String(Number(base) + delta)
    : String(base + BigInt(delta));
