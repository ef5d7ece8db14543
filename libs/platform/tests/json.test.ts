import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseJson } from '#libs/platform';

const read = (text: string) => parseJson(Buffer.from(text));

it('reads any JSON as JSON.parse does', () => {
  fc.assert(fc.property(fc.json({ maxDepth: 6 }), (text) => expect(read(text)).toEqual(JSON.parse(text))));
});

it('is no deeper than 32, whichever brackets nest; those in strings do not count', () => {
  const nested = (depth: number) =>
    Array.from({ length: depth }).reduce<unknown>(
      (inner, _, at) => (at % 2 === 0 ? [inner] : { '[{"\\': inner }),
      `[[${'{'.repeat(100)}"\\`,
    );
  expect(read(JSON.stringify(nested(32)))).toEqual(nested(32));
  expect(() => read(JSON.stringify(nested(33)))).toThrow('nested deeper than 32');
  // The depth is named before what else is wrong.
  expect(() => read('['.repeat(33))).toThrow('nested deeper than 32');
});

it('refuses what is no UTF-8 or no JSON, and reads on', () => {
  expect(() => parseJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow('not UTF-8');
  expect(() => read('{]')).toThrow('not JSON');
  expect(read('"Куп’янськ"')).toBe('Куп’янськ');
});
