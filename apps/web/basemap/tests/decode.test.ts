import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type BasemapFile, decodeBasemap, decodeLine } from '../../src/basemap/decode.js';

// A name that the compiler does not follow: the script has no types.
const ENCODING: string = '../encode.mjs';
const { encodeLine } = await import(ENCODING);

const FACTOR = 1000;

const EMPTY: BasemapFile = {
  name: 'test',
  attribution: 'of nobody',
  box: [0, 0, 4, 4],
  factor: FACTOR,
  land: [],
  lakes: [],
  borders: [],
  disputed: [],
  regions: [],
  rivers: [],
};
const encoded = (line: number[][]): string => encodeLine(line, FACTOR, 2);

describe('decodeLine', () => {
  test('the example of the published format', () => {
    expect(decodeLine('_p~iF~ps|U_ulLnnqC_mqNvxq`@', 100_000)).toEqual([
      [-120.2, 38.5],
      [-120.95, 40.7],
      [-126.453, 43.252],
    ]);
  });

  test('gives what the script encoded, to the unit', () => {
    const position = fc.tuple(
      fc.integer({ min: -180_000, max: 180_000 }),
      fc.integer({ min: -85_000, max: 85_000 }),
    );
    const lines = fc
      .array(position, { minLength: 2 })
      .filter((line) => line.every(([x, y], i) => i === 0 || x !== line[i - 1]![0] || y !== line[i - 1]![1]));
    fc.assert(
      fc.property(lines, (line) => {
        const degrees = line.map(([x, y]) => [x / FACTOR, y / FACTOR]);
        expect(decodeLine(encoded(degrees), FACTOR)).toEqual(degrees);
      }),
    );
  });

  test('a position in the unit of the one before is left out, and a line that shrinks to one', () => {
    expect(
      decodeLine(
        encoded([
          [1, 1],
          [1.0001, 1],
          [2, 2],
        ]),
        FACTOR,
      ),
    ).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(
      encoded([
        [1, 1],
        [1.0001, 1.0001],
      ]),
    ).toBe('');
  });

  test.each(['_p~iF', '_p~iF~ps|', '_'])('%s ends inside a position', (text) => {
    expect(() => decodeLine(text, FACTOR)).toThrow(RangeError);
  });
});

describe('decodeBasemap', () => {
  test('gives coordinates by layer', () => {
    const line = [
      [1, 1],
      [2, 3],
    ];
    const ring = [
      [1, 1],
      [2, 1],
      [2, 2],
      [1, 1],
    ];
    const file = {
      ...EMPTY,
      land: [[encoded(ring)]],
      lakes: [[encoded(ring)]],
      borders: [encoded(line)],
      disputed: [{ id: 'here', lines: [encoded(line)] }],
      regions: [encoded(line)],
      rivers: [encoded(line), encoded(line)],
    };
    expect(decodeBasemap(file)).toEqual({
      name: 'test',
      attribution: 'of nobody',
      box: [0, 0, 4, 4],
      land: [[ring]],
      coast: [ring],
      lakes: [[ring]],
      borders: [line],
      disputed: [{ id: 'here', lines: [line] }],
      regions: [line],
      rivers: [line, line],
    });
  });

  test('the coast does not run along the edges of the box', () => {
    const land = [
      [0, 0],
      [3, 0],
      [1, 2],
      [4, 3],
      [4, 4],
      [0, 4],
      [0, 0],
    ];
    const { coast } = decodeBasemap({ ...EMPTY, land: [[encoded(land)]] });
    expect(coast).toEqual([
      [
        [3, 0],
        [1, 2],
        [4, 3],
      ],
    ]);
  });
});
