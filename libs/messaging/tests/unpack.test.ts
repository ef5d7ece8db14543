import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { snappyCompress } from 'hysnappy';
import { compressFrameSync } from 'lz4-napi';
import { unpack } from '../src/consumer/unpack.js';

const [GZIP, SNAPPY, LZ4, ZSTD] = [1, 2, 3, 4];
const TEXT = Buffer.from('said by somebody '.repeat(200));
/** Of the program zstd, fed through a pipe: such a frame does not say how long it is. */
const ZSTD_FRAME = Buffer.from('KLUv/QRYzQAAiHNhaWQgYnkgc29tZWJvZHkgAQBpSv5cAh5CJkA=', 'base64');

/** As Java packs it: blocks with their lengths in front. */
function xerial(...blocks: Buffer[]): Buffer {
  const header = Buffer.from('\x82SNAPPY\0\0\0\0\x01\0\0\0\x01', 'latin1');
  return Buffer.concat([header, ...blocks.flatMap((block) => [lengthOf(block), block])]);
}
function lengthOf(block: Buffer): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(block.length);
  return length;
}
const half = TEXT.length / 2;
const snappy = (bytes: Buffer) => Buffer.from(snappyCompress(bytes));

const packed: [name: string, codec: number, bytes: Buffer][] = [
  ['gzip', GZIP, gzipSync(TEXT)],
  ['snappy of librdkafka', SNAPPY, snappy(TEXT)],
  ['snappy of Java', SNAPPY, xerial(snappy(TEXT.subarray(0, half)), snappy(TEXT.subarray(half)))],
  ['lz4', LZ4, compressFrameSync(TEXT)],
  ['lz4 with checksums', LZ4, compressFrameSync(TEXT, { blockChecksums: true, contentChecksum: true })],
  ['zstd', ZSTD, ZSTD_FRAME],
];

describe('what producers pack', () => {
  it.each(packed)('is unpacked: %s', async (_, codec, bytes) => {
    expect(await unpack(codec, bytes, 2 ** 20)).toEqual(TEXT);
    // One that fails harms none after it.
    await expect(unpack(codec, Buffer.from(TEXT.subarray(0, 40)), 2 ** 20)).rejects.toThrow(
      'it cannot be unpacked',
    );
    expect(await unpack(codec, bytes, 2 ** 20)).toEqual(TEXT);
  });

  it.each(packed)('is not unpacked beyond the limit: %s', async (_, codec, bytes) => {
    await expect(unpack(codec, bytes, 1000)).rejects.toThrow('larger than 1000 bytes');
  });

  it.each(packed)('that is cut off is an error: %s', async (_, codec, bytes) => {
    for (const length of [0, 1, 5, Math.floor(bytes.length / 2), bytes.length - 5])
      await expect(unpack(codec, bytes.subarray(0, length), 2 ** 20)).rejects.toThrow(
        'it cannot be unpacked',
      );
  });

  it('with a codec that nobody knows is an error that names it', async () => {
    await expect(unpack(6, TEXT, 2 ** 20)).rejects.toThrow(
      'it is compressed by a codec that is not known (6)',
    );
  });
});
