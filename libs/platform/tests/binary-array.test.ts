import { afterAll, beforeAll, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type pg from 'pg';
import {
  bigintArray,
  byteaArray,
  createPool,
  intArray,
  smallintArray,
  textArray,
  timestamptzArray,
  uuidArray,
} from '#libs/platform';
import { freshDatabase, type TestDatabase } from '../../../tests/support/database.js';

let database: TestDatabase;
let pool: pg.Pool;
beforeAll(async () => {
  database = await freshDatabase();
  pool = createPool(database.url, { max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

/** Whether an array bound in binary is the same for the database as the one that pg makes a text of. */
async function isSame(type: string, binary: Buffer, items: readonly unknown[]): Promise<boolean> {
  const { rows } = await pool.query<{ same: boolean }>(
    `select $1::${type}[] = $2::${type}[] and cardinality($1::${type}[]) = ${items.length} as same`,
    [binary, items],
  );
  return rows[0]!.same;
}

/** Any text that a database can hold: no NUL, no half of a surrogate pair. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }).map((any) => any.replaceAll('\0', '').toWellFormed()),
  fc.constantFrom('', 'NULL', '{}', '{"a",b}', "it's", '"', '\\', '\\N', '\n', '\t', ',', 'Купʼянськ', '🛰️'),
);
const bytes = fc.uint8Array({ maxLength: 40 }).map((any) => Buffer.from(any));
const instant = fc
  .date({
    min: new Date('0001-01-01T00:00:00Z'),
    max: new Date('9999-12-31T23:59:59.999Z'),
    noInvalidDate: true,
  })
  .map((date) => date.toISOString());

test.each<[string, fc.Arbitrary<unknown>, (items: never[]) => Buffer]>([
  ['smallint', fc.integer({ min: -32_768, max: 32_767 }), smallintArray],
  ['int', fc.integer(), intArray],
  ['bigint', fc.maxSafeInteger(), bigintArray],
  ['uuid', fc.option(fc.uuid()), uuidArray],
  ['bytea', bytes, byteaArray],
  ['text', fc.option(text), textArray],
  ['timestamptz', instant, timestamptzArray],
])('an array of %s is what pg makes of it', async (type, item, encode) => {
  await fc.assert(
    fc.asyncProperty(fc.array(item, { maxLength: 30 }), async (items) =>
      isSame(type, encode(items as never[]), items),
    ),
    { examples: [[[]]] },
  );
});

test('bytes may be hexadecimal texts, times may have microseconds, and no array is too long', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(bytes), async (items) =>
      isSame('bytea', byteaArray(items.map((item) => item.toString('hex'))), items),
    ),
  );
  const times = ['2025-11-20T08:00:00.123456Z', '1999-12-31T23:59:59.9991Z', '2025-11-20T08:00:00.000Z'];
  expect(await isSame('timestamptz', timestamptzArray(times), times)).toBe(true);
  const many = Array.from({ length: 5000 }, (_, n) => `place ${n}`);
  expect(await isSame('text', textArray(many), many)).toBe(true);
});

test.each([
  ['not all are UUIDs', () => uuidArray(['00000000-0000-0000-0000-00000000000'])],
  ['not all are UUIDs', () => uuidArray(['00000000-0000-0000-0000-00000000000g'])],
  ['not hexadecimal', () => byteaArray(['0g'])],
  ['not hexadecimal', () => byteaArray(['abc'])],
  ['NaN', () => timestamptzArray(['yesterday'])],
  ['out of range', () => smallintArray([32_768])],
])('what is no item of its type is refused: %s', (message, encode) => {
  expect(encode).toThrow(message);
});
