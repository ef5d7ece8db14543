import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { guarded, itemsOfCell, listCell, unguarded } from '../src/csv-cell.js';

const PIECES = [
  "'",
  "''",
  '=',
  '+',
  '-',
  '@',
  '\u{ff1d}',
  '"',
  '""',
  ',',
  ';',
  '|',
  '\t',
  '\n',
  '\r',
  '\r\n',
  '\v',
  '\f',
  '\u0085',
  '\u2028',
  '\u2029',
  ' ',
  '\u00a0',
  '\\',
  '\\\\',
  '\\;',
  '; ',
  'a',
  'ї',
  '😀',
];
const text = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: fc.constantFrom(...PIECES), maxLength: 12 }) },
  fc.string({ unit: 'binary', maxLength: 20 }),
);

describe('a cell', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ["'quoted'", "''quoted'"],
    ['We hold.\n- all of it\r\n+ more\r=1+1\u2028@x', "We hold.\n'- all of it\r\n'+ more\r'=1+1\u2028'@x"],
    ['words;=1+1;more', "words;'=1+1;more"],
    ['words\t=1+1, "=2"; +3 | -4', "words\t'=1+1, \"'=2\"; '+3 | -4"],
    ['";=1+1;"', `";'=1+1;"`],
    ["don't – 1+1=2, a-b (x=y)", "don't – 1+1=2, a-b (x=y)"],
    ['', ''],
  ])('%j stands as %j', (given, cell) => {
    expect(guarded(given)).toBe(cell);
    expect(unguarded(cell)).toBe(given);
  });

  it('gives back any text, apostrophes and line breaks of its own included', () => {
    fc.assert(
      fc.property(text, (given) => unguarded(guarded(given)) === given),
      { numRuns: 20_000 },
    );
    fc.assert(
      fc.property(text, (given) => unguarded(guarded(guarded(given))) === guarded(given)),
      { numRuns: 5_000 },
    );
  });

  it('is read in no time however long it is', () => {
    for (const long of [
      ' '.repeat(200_000),
      ';'.repeat(200_000),
      '; "'.repeat(60_000),
      '\\'.repeat(200_001),
    ]) {
      expect(unguarded(guarded(long))).toBe(long);
      expect(itemsOfCell(listCell(['a', `b${long}c`]))).toEqual(['a', `b${long}c`]);
    }
  });
});

describe('a list in a cell', () => {
  it.each([
    [['TASS', 'RIA'], 'TASS; RIA'],
    [['RIA; Novosti', 'a\\b', ';'], 'RIA\\; Novosti; a\\\\b; \\;'],
    [[], ''],
  ])('%j stands as %j', (items, cell) => {
    expect(listCell(items)).toBe(cell);
    expect(itemsOfCell(cell)).toEqual(items);
  });

  it('gives back any items', () => {
    const item = text.map((one) => one.trim()).filter((one) => one !== '');
    fc.assert(
      fc.property(fc.array(item, { maxLength: 5 }), (items) =>
        expect(itemsOfCell(unguarded(guarded(listCell(items))))).toEqual(items),
      ),
      { numRuns: 10_000 },
    );
  });

  it('may be one that somebody has typed', () => {
    expect(itemsOfCell('TASS;RIA ;; x; ')).toEqual(['TASS', 'RIA', 'x']);
    expect(itemsOfCell('a\\')).toEqual(['a']);
  });
});
