// Arrays in PostgreSQL's binary format (array_recv). pg sends a Buffer as a binary parameter; of a JavaScript array it makes a
// text, each item quoted, which costs both sides several times as much. The parameter needs a cast, as `$1::uuid[]`.

const UUID_OID = 2950;
const INT2_OID = 21;
const INT4_OID = 23;
const INT8_OID = 20;
const BYTEA_OID = 17;
const TEXT_OID = 25;
const TIMESTAMPTZ_OID = 1184;

const HEADER_BYTES = 20;
const LENGTH_BYTES = 4;
const UUID_BYTES = 16;
const UUID_CHARS = 36;

/** The header of an array of one dimension, followed by room for its items. */
function begun(oid: number, items: number, itemBytes: number, hasNulls = false): Buffer {
  const array = Buffer.allocUnsafe(HEADER_BYTES + items * LENGTH_BYTES + itemBytes);
  array.writeInt32BE(items === 0 ? 0 : 1, 0);
  array.writeInt32BE(hasNulls ? 1 : 0, 4);
  array.writeInt32BE(oid, 8);
  array.writeInt32BE(items, 12);
  array.writeInt32BE(1, 16);
  return items === 0 ? array.subarray(0, 12) : array;
}

/** Items of one size. @param write writes an item at an offset */
function fixed<T>(
  oid: number,
  bytes: number,
  items: readonly T[],
  write: (array: Buffer, at: number, item: T, n: number) => void,
): Buffer {
  const array = begun(oid, items.length, items.length * bytes);
  let at = HEADER_BYTES;
  for (let n = 0; n < items.length; n++) {
    array.writeInt32BE(bytes, at);
    write(array, at + LENGTH_BYTES, items[n]!, n);
    at += LENGTH_BYTES + bytes;
  }
  return array;
}

/** `int[]`. @throws RangeError beyond 32 bits */
export const intArray = (items: readonly number[]): Buffer =>
  fixed(INT4_OID, 4, items, (array, at, item) => array.writeInt32BE(item, at));

/** `smallint[]`. @throws RangeError beyond 16 bits */
export const smallintArray = (items: readonly number[]): Buffer =>
  fixed(INT2_OID, 2, items, (array, at, item) => array.writeInt16BE(item, at));

const INT4_RANGE = 2 ** 32;

/** `bigint[]`, exact up to 2^53. */
export const bigintArray = (items: readonly number[]): Buffer =>
  fixed(INT8_OID, 8, items, (array, at, item) => {
    array.writeInt32BE(Math.floor(item / INT4_RANGE), at);
    array.writeUInt32BE(item >>> 0, at + LENGTH_BYTES);
  });

/** `uuid[]`, of UUIDs with dashes, or nulls. @throws TypeError where one is none */
export function uuidArray(items: readonly (string | null)[]): Buffer {
  const present = items.filter((item) => item !== null);
  const packed = Buffer.from(present.join('').replaceAll('-', ''), 'hex');
  if (packed.length !== present.length * UUID_BYTES || present.some(({ length }) => length !== UUID_CHARS))
    throw new TypeError('not all are UUIDs');
  const array = begun(UUID_OID, items.length, packed.length, present.length < items.length);
  let at = items.length === 0 ? array.length : HEADER_BYTES;
  let next = 0;
  for (const item of items) {
    at = array.writeInt32BE(item === null ? -1 : UUID_BYTES, at);
    if (item !== null) at += packed.copy(array, at, next, (next += UUID_BYTES));
  }
  return array;
}

/** `bytea[]`, of buffers or of hexadecimal texts. @throws TypeError where a text is not hexadecimal */
export function byteaArray(items: readonly (Buffer | string)[]): Buffer {
  const bytesOf = (item: Buffer | string) => (typeof item === 'string' ? item.length / 2 : item.length);
  const array = begun(
    BYTEA_OID,
    items.length,
    items.reduce((sum, item) => sum + bytesOf(item), 0),
  );
  let at = HEADER_BYTES;
  for (const item of items) {
    const length = bytesOf(item);
    array.writeInt32BE(length, at);
    at += LENGTH_BYTES;
    const written = typeof item === 'string' ? array.write(item, at, 'hex') : item.copy(array, at);
    if (written !== length) throw new TypeError('not hexadecimal');
    at += length;
  }
  return array;
}

/** `text[]`. */
export function textArray(items: readonly (string | null | undefined)[]): Buffer {
  // A code unit takes at most three bytes.
  const most = items.reduce((sum, item) => sum + (item?.length ?? 0) * 3, 0);
  const array = begun(
    TEXT_OID,
    items.length,
    most,
    items.some((item) => item == null),
  );
  let at = items.length === 0 ? array.length : HEADER_BYTES;
  for (const item of items) {
    const length = item == null ? -1 : array.write(item, at + LENGTH_BYTES);
    array.writeInt32BE(length, at);
    at += LENGTH_BYTES + Math.max(0, length);
  }
  return array.subarray(0, at);
}

const YEAR_2000 = BigInt(Date.UTC(2000, 0, 1));

/** `timestamptz[]`, of instants (`2025-11-20T08:00:00.000Z`), to the microsecond. @throws RangeError where one is no time */
export function timestamptzArray(items: readonly string[]): Buffer {
  let last: string | undefined;
  let microseconds = 0n;
  return fixed(TIMESTAMPTZ_OID, 8, items, (array, at, item) => {
    // Many events have one time.
    if (item !== last) microseconds = microsecondsOf((last = item));
    array.writeBigInt64BE(microseconds, at);
  });
}

const microsecondsOf = (instant: string): bigint =>
  (BigInt(Date.parse(instant)) - YEAR_2000) * 1000n +
  BigInt(/\.\d{3}(\d{1,3})Z$/.exec(instant)?.[1]?.padEnd(3, '0') ?? 0);
