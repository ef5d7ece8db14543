import type { KafkaMessage } from 'kafkajs';
import { decodeMessageSet, DecoderOf } from '../inside-kafkajs.js';
import { readRecords } from './records.js';
import { unpack } from './unpack.js';

/** A transaction that was aborted: of this producer, from this offset on, up to its abort marker. */
export interface AbortedTransaction {
  producerId: string;
  firstOffset: string;
}

/** The reason why a batch of records cannot be read, and its offsets. */
export interface Unreadable {
  offset: string;
  lastOffset: string;
  reason: string;
}

/** A record; or, for invisible records, their last offset. */
export type FetchedRecord = Pick<KafkaMessage, 'offset'> & {
  isControlRecord: boolean;
  unreadable?: Unreadable;
};

/** How much may be unpacked. */
export interface Room {
  /** Of one batch, in bytes. */
  batch: number;
  /** In all; it decreases with each batch. */
  left: number;
}

// The positions of the fields of a batch (magic 2), in bytes.
const [LENGTH, MAGIC, ATTRIBUTES, LAST_OFFSET_DELTA, PRODUCER_ID, COUNT, RECORDS] = [
  8, 16, 21, 23, 43, 57, 61,
];
const [CODEC, TRANSACTIONAL, CONTROL] = [0x07, 0x10, 0x20];
const BEFORE_LENGTH_COUNTS = 12;
const ABORT = 0;

/**
 * Reads record batches that a broker sends for one partition. Records of aborted transactions are left out, as the protocol
 * demands: kafkajs shows some where transactions overlap. It ends before a batch that is cut off or exceeds the remaining
 * room, and after reporting one that cannot be read.
 * @param aborted the aborted transactions whose records may be among them
 */
export async function readBatches(
  bytes: Buffer,
  aborted: readonly AbortedTransaction[],
  room: Room,
): Promise<FetchedRecord[]> {
  const records: FetchedRecord[] = [];
  const coming = aborted.toSorted((a, b) => Number(BigInt(a.firstOffset) - BigInt(b.firstOffset)));
  const producers = new Set<string>();
  for (let at = 0; at + RECORDS <= bytes.length;) {
    const batch = bytes.subarray(at, at + BEFORE_LENGTH_COUNTS + bytes.readInt32BE(at + LENGTH));
    if (batch.length < BEFORE_LENGTH_COUNTS + batch.readInt32BE(LENGTH)) break;
    at += batch.length;
    const attributes = batch.readInt16BE(ATTRIBUTES);
    const offset = batch.readBigInt64BE(0);
    const lastOffset = String(offset + BigInt(batch.readInt32BE(LAST_OFFSET_DELTA)));
    const producer = String(batch.readBigInt64BE(PRODUCER_ID));
    while (coming.length > 0 && BigInt(coming[0]!.firstOffset) <= BigInt(lastOffset))
      producers.add(coming.shift()!.producerId);
    const passed = { offset: lastOffset, isControlRecord: true };
    try {
      const magic = batch.readInt8(MAGIC);
      if (magic < 2) return [...records, ...(await readOldMessages(bytes.subarray(at - batch.length)))];
      if (magic > 2) throw new Error(`it has a format that is not known (${magic})`);
      if (attributes & CONTROL) {
        if (isAbort(batch)) producers.delete(producer);
        records.push(passed);
        continue;
      }
      if (attributes & TRANSACTIONAL && producers.has(producer)) {
        records.push(passed);
        continue;
      }
      const whole = attributes & CODEC ? await unpacked(batch, room) : batch;
      if (!whole) break;
      for (const record of readRecords(whole)) records.push(record);
      // Compaction removes records, and leaves their offsets.
      if (records.at(-1)?.offset !== lastOffset) records.push(passed);
    } catch (error) {
      records.push({
        offset: lastOffset,
        isControlRecord: false,
        unreadable: { offset: String(offset), lastOffset, reason: (error as Error).message },
      });
      break;
    }
  }
  return records;
}

/** Messages in the format before Kafka 0.11, which has no transactions. */
async function readOldMessages(bytes: Buffer): Promise<FetchedRecord[]> {
  return (await decodeMessageSet(new DecoderOf(bytes), bytes.length)).map((message) =>
    Object.assign(message, { isControlRecord: false }),
  );
}

/** The unpacked batch; undefined where it exceeds the remaining room. */
async function unpacked(batch: Buffer, room: Room): Promise<Buffer | undefined> {
  if (room.left <= 0) return undefined;
  const attributes = batch.readInt16BE(ATTRIBUTES);
  const header = Buffer.from(batch.subarray(0, RECORDS));
  if (batch.readInt32BE(COUNT) === 0) return header;
  const records = await unpack(attributes & CODEC, batch.subarray(RECORDS), room.batch);
  room.left -= records.length;
  header.writeInt16BE(attributes & ~CODEC, ATTRIBUTES);
  header.writeInt32BE(RECORDS + records.length - BEFORE_LENGTH_COUNTS, LENGTH);
  return Buffer.concat([header, records]);
}

function isAbort(batch: Buffer): boolean {
  const [marker] = readRecords(batch);
  // Of its key, the version comes first.
  return marker?.key?.readInt16BE(2) === ABORT;
}
