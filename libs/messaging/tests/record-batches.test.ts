import { describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import {
  readBatches,
  type AbortedTransaction,
  type FetchedRecord,
  type Room,
} from '../src/consumer/record-batches.js';

interface Batch {
  offset: number;
  values?: string[];
  /** Kept where compaction has taken the last records away. */
  lastOffset?: number;
  producer?: number;
  attributes?: number;
  magic?: number;
  key?: Buffer;
  pack?: (records: Buffer) => Buffer;
}

const TRANSACTIONAL = 0x10;
const CONTROL = 0x30;
const GZIP = 1;

const zigzag = (value: number): Buffer => {
  const bytes: number[] = [];
  for (let left = value < 0 ? -2 * value - 1 : 2 * value; ; left = Math.floor(left / 128)) {
    bytes.push(left < 128 ? left : (left % 128) + 128);
    if (left < 128) return Buffer.from(bytes);
  }
};
const field = (bytes: Buffer | undefined) =>
  bytes ? Buffer.concat([zigzag(bytes.length), bytes]) : zigzag(-1);

function batch({
  offset,
  values = ['x'],
  lastOffset = offset + values.length - 1,
  producer = -1,
  attributes = 0,
  magic = 2,
  key,
  pack = (bytes) => bytes,
}: Batch): Buffer {
  const records = values.map((value, at) => {
    const record = Buffer.concat([
      Buffer.of(0),
      zigzag(0),
      zigzag(at),
      field(key),
      field(Buffer.from(value)),
      zigzag(0),
    ]);
    return Buffer.concat([zigzag(record.length), record]);
  });
  const body = pack(Buffer.concat(records));
  const header = Buffer.alloc(61);
  header.writeBigInt64BE(BigInt(offset));
  header.writeInt32BE(49 + body.length, 8);
  header.writeInt8(magic, 16);
  header.writeInt16BE(attributes, 21);
  header.writeInt32BE(lastOffset - offset, 23);
  header.writeBigInt64BE(BigInt(producer), 43);
  header.writeInt32BE(values.length, 57);
  return Buffer.concat([header, body]);
}

const marker = (offset: number, producer: number, type: 'abort' | 'commit') =>
  batch({ offset, producer, attributes: CONTROL, key: Buffer.of(0, 0, 0, type === 'abort' ? 0 : 1) });
const of = (offset: number, producer: number, key?: Buffer) =>
  batch({
    offset,
    producer,
    attributes: TRANSACTIONAL,
    values: [`${producer}@${offset}`],
    ...(key && { key }),
  });
const plenty = (): Room => ({ batch: 10_000, left: 100_000 });

async function read(batches: Buffer[], aborted: AbortedTransaction[] = [], room = plenty()) {
  const records = await readBatches(Buffer.concat(batches), aborted, room);
  return {
    records,
    seen: records
      .filter((one) => !one.isControlRecord && !one.unreadable)
      .map((one) => String((one as FetchedRecord & { value: Buffer }).value)),
    last: records.at(-1),
  };
}

describe('batches of records', () => {
  it('of aborted transactions are passed over, in whatever order the broker names them', async () => {
    const log = [
      of(0, 1),
      of(1, 2),
      of(2, 1),
      of(3, 3),
      marker(4, 2, 'abort'),
      of(5, 2),
      of(6, 1),
      marker(7, 1, 'abort'),
      of(8, 1),
      marker(9, 2, 'commit'),
      marker(10, 3, 'commit'),
      marker(11, 1, 'commit'),
    ];
    const aborted = [
      { producerId: '2', firstOffset: '1' },
      { producerId: '1', firstOffset: '0' },
    ];
    for (const order of [aborted, aborted.toReversed()]) {
      const { seen, last } = await read(log, order);
      expect(seen).toEqual(['3@3', '2@5', '1@8']);
      expect(last).toEqual({ offset: '11', isControlRecord: true });
    }
  });

  it('with keys like that of an abort marker are none', async () => {
    const key = Buffer.alloc(4);
    expect(
      (
        await read(
          [of(0, 1, key), of(1, 1, key), of(2, 1), marker(3, 1, 'abort'), of(4, 1, key)],
          [{ producerId: '1', firstOffset: '0' }],
        )
      ).seen,
    ).toEqual(['1@4']);
  });

  it('of a transaction that began before, and continues after', async () => {
    const aborted = [
      { producerId: '1', firstOffset: '3' },
      { producerId: '1', firstOffset: '20' },
    ];
    const { seen, last } = await read(
      [of(10, 1), marker(11, 1, 'abort'), of(12, 1), marker(13, 1, 'commit'), of(20, 1), of(21, 1)],
      aborted,
    );
    expect(seen).toEqual(['1@12']);
    expect(last).toEqual({ offset: '21', isControlRecord: true });
  });

  it('keep the offsets of what compaction took away', async () => {
    expect((await read([batch({ offset: 5, values: [], lastOffset: 9 })])).records).toEqual([
      { offset: '9', isControlRecord: true },
    ]);
    expect((await read([batch({ offset: 5, values: ['a'], lastOffset: 9 })])).last).toEqual({
      offset: '9',
      isControlRecord: true,
    });
    expect(
      (
        await read([
          batch({ offset: 5, values: [], lastOffset: 9, attributes: GZIP, pack: () => Buffer.alloc(0) }),
        ])
      ).last,
    ).toEqual({ offset: '9', isControlRecord: true });
  });

  const unreadable: [name: string, batch: Omit<Batch, 'offset'>, reason: string][] = [
    ['a codec that nobody knows', { attributes: 6 }, 'a codec that is not known (6)'],
    ['packed bytes that are none', { attributes: GZIP }, 'it cannot be unpacked (gzip)'],
    [
      'too much when unpacked',
      { attributes: GZIP, pack: (bytes) => gzipSync(Buffer.concat([bytes, Buffer.alloc(20_000)])) },
      'it would be larger than 10000 bytes',
    ],
    ['a format of the future', { magic: 3 }, 'a format that is not known (3)'],
    ['records that are cut off', { pack: (bytes) => bytes.subarray(0, 5) }, ''],
  ];
  it.each(unreadable)('that cannot be read are named, after what can be: %s', async (_, wrong, reason) => {
    const { records, seen, last } = await read([
      batch({ offset: 0, values: ['a', 'b'] }),
      batch({ offset: 2, values: ['c', 'd', 'e'], ...wrong }),
      batch({ offset: 5 }),
    ]);
    expect(seen).toEqual(['a', 'b']);
    expect(records).toHaveLength(3);
    expect(last).toEqual({
      offset: '4',
      isControlRecord: false,
      unreadable: { offset: '2', lastOffset: '4', reason: expect.stringContaining(reason) },
    });
  });

  it('that are cut off by the fetch are left for the next one', async () => {
    const whole = [batch({ offset: 0, values: ['a'] }), batch({ offset: 1, values: ['b'] })];
    for (const missing of [1, 10, 40])
      expect((await read([whole[0]!, whole[1]!.subarray(0, -missing)])).seen).toEqual(['a']);
  });

  it('are unpacked as long as there is room', async () => {
    const packed = (offset: number) =>
      batch({ offset, values: ['x'.repeat(900)], attributes: GZIP, pack: gzipSync });
    const room = { batch: 10_000, left: 1500 };
    const { records } = await read([packed(0), packed(1), packed(2), batch({ offset: 3 })], [], room);
    expect(records.map(({ offset }) => offset)).toEqual(['0', '1']);
    // What is not packed takes none.
    expect((await read([batch({ offset: 0 }), packed(1)], [], room)).seen).toEqual(['x']);
  });
});
