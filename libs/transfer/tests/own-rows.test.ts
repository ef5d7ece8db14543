import { describe, expect, it } from '@jest/globals';
import { csvLines } from '../src/import/mapped-lines.js';

const ROW = {
  stance: 'assert',
  predicate: 'captured',
  actor: 'russia',
  givenActor: '',
  givenName: 'Vyshneve Pole',
  givenCountry: 'UA',
  speakerName: 'A spokesman',
  via: '',
  statedAt: '2025-11-20T00:00:00.000Z',
  statedPrecision: 'day',
  quoteErased: 'false',
  retracted: 'false',
  voided: 'false',
  escaping: 'apostrophe',
};
type Row = Record<string, string>;

const text = (row: Row, delimiter = ',') =>
  [Object.keys(row), Object.values(row)]
    .map((cells) => `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter)}\n`)
    .join('');

async function itemsOf(csv: string) {
  async function* chunks() {
    yield Buffer.from(csv);
  }
  const items = [];
  for await (const { line, input } of csvLines(chunks()))
    items.push([line, input.ok ? input.value : input.refusal.detail] as const);
  return items;
}

const read = async (row: Row, delimiter?: string) =>
  (await itemsOf(text({ ...ROW, ...row }, delimiter)))[0]![1];

describe('a row of our own CSV', () => {
  it.each([
    'true',
    'True',
    'TRUE',
    ' true ',
    '1',
    '1.0',
    'yes',
    'YES',
    'y',
    't',
    'on',
    'WAHR',
    'VRAI',
    'ИСТИНА',
    'ІСТИНА',
  ])('that was voided or retracted is refused, whether it says %j', async (said) => {
    for (const mark of ['voided', 'retracted'])
      expect(await read({ [mark]: said })).toBe(
        `the statement was ${mark}, and would count again: leave it out, or restore the log instead`,
      );
    expect(await read({ quoteErased: said })).toMatchObject({ stance: 'assert' });
  });

  it.each(['false', 'False', 'FALSE', '0', '0.0', 'no', 'N', 'f', 'FALSCH', 'ЛОЖЬ', '', ' '])(
    'that was not is taken, whether it says %j',
    async (said) => {
      expect(await read({ voided: said, retracted: said, quoteErased: said })).toMatchObject({
        stance: 'assert',
        statedAt: '2025-11-20',
      });
    },
  );

  it.each(['truе', 'tru', '2', '-1', 'x', 'voided', 'null', 'NaN', "'true", '=TRUE()', '2025-11-20'])(
    'that says neither but %j is refused',
    async (said) => {
      for (const mark of ['voided', 'retracted', 'quoteErased'])
        expect(await read({ [mark]: said })).toBe(`(column "${mark}") "${said}" is neither true nor false`);
    },
  );

  it('must say so: without these columns, or with one twice, nothing of the file is taken', async () => {
    for (const mark of ['voided', 'retracted'] as const) {
      const { [mark]: _, ...row } = ROW;
      await expect(itemsOf(text(row))).rejects.toThrow(`: other files need a --mapping: ${mark} (it has`);
    }
    for (const column of ['voided', 'actor', 'via'])
      await expect(itemsOf(text({ ...ROW, [`${column} `]: 'true' }))).rejects.toThrow(
        `the file has columns twice: ${column}`,
      );
  });

  it.each([
    '0.9999899864196777',
    '2.9e-7',
    '2.9E-07',
    '1e-15',
    '33.333333333333336',
    '0.1000000000000000055511151231257827',
    '80',
    '80.0',
    '8e1',
    '+80',
    '1.7976931348623157e+2',
  ])('has the number %s as JSON takes it', async (number) => {
    expect(await read({ extentOp: '>', extentPercent: number })).toMatchObject({
      claim: { extent: { op: '>', percent: Number(number) } },
    });
  });

  it.each(['1e999', '1,5', '0x10', 'Infinity', 'NaN', '1 000', '1e', '.', '٨٠'])(
    'has no number in %j',
    async (number) => {
      expect(await read({ extentPercent: number })).toBe(
        `/claim/extent/percent (column "extentPercent") "${number}" is not a number`,
      );
    },
  );

  it('may have a comma in a number where the separator is another; a whole number has none', async () => {
    expect(await read({ extentPercent: '80,5', givenLon: '-37,61' }, ';')).toMatchObject({
      claim: { extent: { percent: 80.5 } },
      location: { coordinates: [-37.61] },
    });
    for (const delimiter of [';', '\t'])
      expect(await read({ spanStart: '1,000' }, delimiter)).toContain('"1,000" is not a number');
    expect(await read({ extentPercent: '1,000,5' }, ';')).toContain('is not a number');
  });

  it.each([
    ['2025-11-20 00:00:00+00:00', '2025-11-20'],
    ['2025-11-20 00:00:00', '2025-11-20'],
    ['2025-11-20T00:00', '2025-11-20'],
    ['2025-11-19T19:00:00-05:00', '2025-11-20'],
    ['2025-11-20', '2025-11-20'],
    // Either of the two numbers may be the month: the log refuses it.
    ['11/20/2025', '11/20/2025'],
    ['20.11.2025', '20.11.2025'],
  ])('has the time %s', async (cell, statedAt) => {
    expect(await read({ statedAt: cell })).toMatchObject({ statedAt });
  });

  it('has a party and an actor as they were given, where that is told', async () => {
    expect(await read({ speakerParty: 'dnr', givenParty: 'ДНР', givenActor: ' ' })).toMatchObject({
      speaker: { party: 'ДНР' },
      claim: { actor: 'russia' },
    });
  });

  it('says how its text was made harmless; files from before did it at the beginning of a cell alone', async () => {
    const cells = { speakerName: "'=A", quote: "'- one\n'- two;'+3", via: "'=A\\; B; C" };
    expect(await read(cells)).toMatchObject({
      speaker: { name: '=A' },
      source: { quote: '- one\n- two;+3' },
      via: ['=A; B', 'C'],
    });
    expect(await read({ ...cells, escaping: 'none' })).toMatchObject({
      speaker: { name: "'=A" },
      source: { quote: "'- one\n'- two;'+3" },
      via: ["'=A; B", 'C'],
    });
    const { escaping: _, ...before } = ROW;
    expect((await itemsOf(text({ ...before, ...cells })))[0]![1]).toMatchObject({
      speaker: { name: '=A' },
      source: { quote: "- one\n'- two;'+3" },
      via: ['=A\\', 'B', 'C'],
    });
    for (const escaping of ['', 'backslash'])
      expect(await read({ escaping })).toBe(`(column "escaping") "${escaping}" is none of apostrophe, none`);
  });

  it('may have empty cells, columns and rows behind it, but no fewer than are read', async () => {
    const [header, row] = text(ROW).split('\n') as [string, string];
    const columns = Object.keys(ROW).length;
    const items = await itemsOf(
      [
        `\uFEFF${header},,`,
        `${row},,`,
        row,
        `${row},,,`,
        ','.repeat(columns + 1),
        `${row},,,x`,
        row.slice(0, row.lastIndexOf(',')),
        ' ',
        '',
      ].join('\r\n'),
    );
    expect(items).toEqual([
      ...[2, 3, 4].map((line) => [line, expect.objectContaining({ stance: 'assert' })]),
      [6, `the row has ${columns + 3} cells, the header has ${columns + 2}`],
      [7, `the row has ${columns - 1} cells, the header has ${columns + 2}`],
    ]);
  });
});
