import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { csvRows, type CsvRow } from '../src/import/csv-rows.js';

async function rowsOf(
  text: string | Buffer,
  {
    delimiter,
    maxBytes = 1000,
    pieces = [],
  }: { delimiter?: string; maxBytes?: number; pieces?: number[] } = {},
): Promise<CsvRow[]> {
  const bytes = Buffer.from(text);
  async function* chunks() {
    let at = 0;
    for (const length of [...pieces, bytes.length]) yield bytes.subarray(at, (at += length));
  }
  const rows: CsvRow[] = [];
  for await (const row of csvRows(chunks(), { delimiter, maxBytes })) rows.push(row);
  return rows;
}

describe('rows of CSV', () => {
  it('are cut at line ends of either kind, with or without one at the end', async () => {
    expect(await rowsOf('a,b\r\nc,d\n\n,\r\n e ,')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['c', 'd'] },
      { line: 4, cells: ['', ''] },
      { line: 5, cells: [' e ', ''] },
    ]);
    expect(await rowsOf('')).toEqual([]);
    expect(await rowsOf('\uFEFFa;b\n', { delimiter: ';' })).toEqual([{ line: 1, cells: ['a', 'b'] }]);
  });

  it('may hold delimiters, quotes and line breaks in quotes; the line is the one they begin on', async () => {
    expect(await rowsOf('"a, ""b""","two\nlines"\r\n"",5" gun\r\n"x"\r\n')).toEqual([
      { line: 1, cells: ['a, "b"', 'two\nlines'] },
      { line: 3, cells: ['', '5" gun'] },
      { line: 4, cells: ['x'] },
    ]);
  });

  it('that cannot be read are reported, and reading continues with the next line', async () => {
    expect(await rowsOf('a,b\n"open,c\nd,e\n"f",g\n')).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, fault: 'has text after a closing quote' },
      { line: 3, cells: ['d', 'e'] },
      { line: 4, cells: ['f', 'g'] },
    ]);
    expect(await rowsOf('a\n"open\nb\n')).toEqual([
      { line: 1, cells: ['a'] },
      { line: 2, fault: 'has a quote that is not closed' },
      { line: 3, cells: ['b'] },
    ]);
    expect(await rowsOf(Buffer.from([0x61, 0x0a, 0xff, 0x0a, 0x62]))).toEqual([
      { line: 1, cells: ['a'] },
      { line: 2, fault: 'is not UTF-8' },
      { line: 3, cells: ['b'] },
    ]);
  });

  it('that are too long are passed over, in constant memory', async () => {
    const fault = 'is longer than 10 bytes, or a quote is not closed';
    const long = 'x'.repeat(40);
    for (const pieces of [[], [5, 5, 5, 5, 5, 5, 5], [30]]) {
      expect(await rowsOf(`a\n${long}\nb\n`, { maxBytes: 10, pieces })).toEqual([
        { line: 1, cells: ['a'] },
        { line: 2, fault },
        { line: 3, cells: ['b'] },
      ]);
      expect(await rowsOf(`a\n"${long}`, { maxBytes: 10, pieces })).toEqual([
        { line: 1, cells: ['a'] },
        { line: 2, fault: expect.stringContaining('not closed') },
      ]);
    }
    expect(await rowsOf(`"open\n1\n2\n3\n4\n5\n6\n7\n`, { maxBytes: 10, pieces: [3, 3, 3, 3] })).toEqual([
      { line: 1, fault },
      ...[1, 2, 3, 4, 5, 6, 7].map((n) => ({ line: n + 1, cells: [String(n)] })),
    ]);
  });

  it('come out as they were written, however they are cut into pieces', async () => {
    const cell = fc.string({
      unit: fc.constantFrom('a', 'ї', '"', ',', '\n', '\r', ' ', '😀'),
      maxLength: 6,
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 }),
        fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 12 }),
        async (rows, pieces) => {
          const text = rows
            .map((cells) => `${cells.map((one) => `"${one.replaceAll('"', '""')}"`).join(',')}\r\n`)
            .join('');
          const read = await rowsOf(text, { pieces });
          expect(read.map((row) => 'cells' in row && row.cells)).toEqual(rows);
          let line = 1;
          for (const [at, cells] of rows.entries()) {
            expect(read[at]!.line).toBe(line);
            line += 1 + cells.join('').split('\n').length - 1;
          }
        },
      ),
    );
  });
});
