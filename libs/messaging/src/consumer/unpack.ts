import { unzip } from 'node:zlib';
import { promisify } from 'node:util';
import { snappyUncompressor } from 'hysnappy';
import { ZSTDDecoder } from 'zstddec';

/** Unpacks a compressed batch. @throws Error with the reason, also where it would be larger than `most` bytes */
type Unpack = (packed: Buffer, most: number) => Promise<Buffer>;

const gunzip = promisify(unzip);

/** By the codec number of a record batch (the lowest three bits of its attributes). */
const CODECS: Readonly<Record<number, { name: string; unpack: Unpack }>> = {
  1: { name: 'gzip', unpack: (packed, most) => gunzip(packed, { maxOutputLength: most }) },
  2: { name: 'snappy', unpack: async (packed, most) => unpackSnappy(packed, most) },
  3: { name: 'lz4', unpack: unpackLz4 },
  4: { name: 'zstd', unpack: unpackZstd },
};

/** @param codec the number in the batch; not 0, which means uncompressed */
export async function unpack(codec: number, packed: Buffer, most: number): Promise<Buffer> {
  const known = CODECS[codec];
  if (!known) throw new Error(`it is compressed by a codec that is not known (${codec})`);
  try {
    return await known.unpack(packed, most);
  } catch (error) {
    const large =
      error instanceof TooLarge || (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE';
    throw new Error(
      large
        ? `unpacked (${known.name}) it would be larger than ${most} bytes`
        : `it cannot be unpacked (${known.name}): ${(error as Error).message}`,
      { cause: error },
    );
  }
}

class TooLarge extends Error {}

const XERIAL = Buffer.from('\x82SNAPPY\0', 'latin1');
const XERIAL_HEADER = 16;
let snappy: ReturnType<typeof snappyUncompressor> | undefined;

/** One block, as librdkafka sends it; or blocks with their lengths in front, as Java does (xerial). */
function unpackSnappy(packed: Buffer, most: number): Buffer {
  if (!packed.subarray(0, XERIAL.length).equals(XERIAL)) return unpackSnappyBlock(packed, most);
  const blocks: Buffer[] = [];
  let left = most;
  for (let at = XERIAL_HEADER; at < packed.length;) {
    const begin = at + 4;
    const end = begin + packed.readUInt32BE(at);
    if (end > packed.length) throw new Error('it is cut off');
    const block = unpackSnappyBlock(packed.subarray(begin, end), left);
    left -= block.length;
    blocks.push(block);
    at = end;
  }
  return Buffer.concat(blocks);
}

function unpackSnappyBlock(block: Buffer, most: number): Buffer {
  const length = snappyLength(block);
  if (length > most) throw new TooLarge();
  // An instance that has trapped is not used again.
  const uncompress = (snappy ??= snappyUncompressor());
  snappy = undefined;
  const unpacked = length === 0 ? new Uint8Array() : uncompress(block, length);
  snappy = uncompress;
  return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
}

/** A block begins with its length: seven bits a byte, the lowest first. */
function snappyLength(block: Buffer): number {
  let length = 0;
  for (let at = 0; at < 5; at++) {
    const byte = block.readUInt8(at);
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) return length;
  }
  throw new Error('it gives no length');
}

async function unpackLz4(packed: Buffer, most: number): Promise<Buffer> {
  if (maxSizeOfLz4(packed) > most) throw new TooLarge();
  // Its binary is an optional dependency.
  const { decompressFrame } = await import('lz4-napi');
  return decompressFrame(packed);
}

const LZ4_MAGIC = 0x184d2204;
const [LZ4_BLOCK_CHECKSUM, LZ4_CONTENT_SIZE, LZ4_DICTIONARY] = [0x10, 0x08, 0x01];
const LZ4_STORED = 0x8000_0000;
const LZ4_MAX_RATIO = 255;

/** The largest possible size of an unpacked LZ4 frame, by the lengths of its blocks. */
function maxSizeOfLz4(packed: Buffer): number {
  if (packed.readUInt32LE(0) !== LZ4_MAGIC) throw new Error('it does not begin as an LZ4 frame');
  const flags = packed.readUInt8(4);
  const ofBlock = 2 ** (8 + 2 * ((packed.readUInt8(5) >> 4) & 7));
  let most = 0;
  let at = 7 + (flags & LZ4_CONTENT_SIZE ? 8 : 0) + (flags & LZ4_DICTIONARY ? 4 : 0);
  for (;;) {
    const word = packed.readUInt32LE(at);
    if (word === 0) return most;
    const length = word % LZ4_STORED;
    most += word >= LZ4_STORED ? length : Math.min(ofBlock, length * LZ4_MAX_RATIO);
    at += 4 + length + (flags & LZ4_BLOCK_CHECKSUM ? 4 : 0);
  }
}

let zstd: Promise<ZSTDDecoder> | undefined;

async function unpackZstd(packed: Buffer, most: number): Promise<Buffer> {
  zstd ??= (async () => {
    const decoder = new ZSTDDecoder();
    await decoder.init();
    return decoder;
  })();
  const decoder = await zstd;
  // A frame may omit its length, so the buffer has the size of the limit. Larger and invalid frames come out empty.
  const unpacked = decoder.decode(packed, most);
  if (unpacked.length === 0) throw new Error(`it is not a zstd frame, or larger than ${most} bytes`);
  return Buffer.from(unpacked.buffer, unpacked.byteOffset, unpacked.byteLength);
}
