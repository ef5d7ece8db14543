import { describe, expect, it } from '@jest/globals';
import { createRequire } from 'node:module';
import { readRecords } from '../src/consumer/records.js';
import { DecoderOf } from '../src/inside-kafkajs.js';

interface Sent {
  offsetDelta: number;
  timestampDelta: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, string | string[]>;
}

// kafkajs' own: what it sends, and how it would read it.
const require = createRequire(import.meta.url);
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0/index.js') as {
  RecordBatch: (of: object) => Promise<{ buffer: Buffer }>;
};
const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0/index.js') as (of: Sent) => object;
const decodeBatch = require('kafkajs/src/protocol/recordBatch/v0/decoder.js') as (
  decoder: object,
) => Promise<{ records: Record<string, unknown>[] }>;

const FIRST = 1_790_000_000_000;
const sent = (given: Partial<Sent> = {}): Sent => ({
  offsetDelta: 0,
  timestampDelta: 0,
  key: Buffer.from('Bakhmut'),
  value: Buffer.from('{}'),
  headers: {},
  ...given,
});

async function batchOf(records: Sent[], { firstOffset = 0n, appended = false } = {}): Promise<Buffer> {
  const { buffer } = await RecordBatch({
    firstTimestamp: FIRST,
    maxTimestamp: FIRST + 9,
    lastOffsetDelta: records.length - 1,
    records: records.map(encodeRecord),
  });
  const bytes = Buffer.from(buffer);
  bytes.writeBigInt64BE(firstOffset);
  if (appended) bytes.writeInt16BE(bytes.readInt16BE(21) | 0x08, 21);
  return bytes;
}

describe('records', () => {
  it('are read as kafkajs reads them', async () => {
    const headers = { traceparent: '00-1', 'content-type': 'application/json', Übersicht: 'ä' };
    const all = [
      sent(),
      sent({ offsetDelta: 1, key: null, value: null }),
      sent({ offsetDelta: 2, timestampDelta: -5, headers, value: Buffer.alloc(9_000, 'x') }),
      sent({ offsetDelta: 3, timestampDelta: 300_000_000_000, headers }),
      // The second name has as many bytes as the one before it there.
      sent({ offsetDelta: 4, headers: { traceparent: '00-2', 'content-kind': 'a', 'content-typo': 'b' } }),
      sent({ offsetDelta: 200, headers: { twice: ['a', 'b', 'c'], once: 'd', empty: '' } }),
      sent({ offsetDelta: 300_000, key: Buffer.alloc(0), value: Buffer.alloc(0) }),
    ];
    for (const firstOffset of [0n, 7n, 2n ** 40n, 2n ** 60n + 1n])
      for (const appended of [false, true]) {
        const batch = await batchOf(all, { firstOffset, appended });
        const { records } = await decodeBatch(new DecoderOf(batch));
        const theirs = records.map(({ magicByte: _magic, batchContext: _context, ...record }) => record);
        expect(readRecords(batch).map((record) => ({ ...record, headers: { ...record.headers } }))).toEqual(
          theirs,
        );
      }
  });

  it('have exact timestamps where a producer counts nanoseconds', async () => {
    const batch = await batchOf([sent({ timestampDelta: 3 })]);
    batch.writeBigInt64BE(1_790_000_000_000_000_001n, 27);
    expect(readRecords(batch)[0]!.timestamp).toBe('1790000000000000004');
  });

  it('may have headers with the names of what every object has', async () => {
    const headers = Object.fromEntries([
      ['constructor', 'a'],
      ['__proto__', 'b'],
      ['toString', 'c'],
    ]);
    const batch = await batchOf([sent({ headers })]);
    expect(
      Object.entries(readRecords(batch)[0]!.headers).map(([name, value]) => [name, String(value)]),
    ).toEqual([
      ['constructor', 'a'],
      ['__proto__', 'b'],
      ['toString', 'c'],
    ]);
  });

  it('must end within their batch', async () => {
    const batch = await batchOf([
      sent({ headers: { a: 'b' } }),
      sent({ offsetDelta: 1, headers: { a: 'b' } }),
    ]);
    for (let length = 61; length < batch.length; length++)
      expect(() => readRecords(batch.subarray(0, length))).toThrow(
        /cut off|out of range|outside buffer bounds/,
      );
  });
});
