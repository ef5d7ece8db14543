import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseStatement } from '#libs/domain';
import { csvLines, ownStatementLines } from '#libs/transfer';
import { NOW } from '../../../tests/support/test-log.js';
import { exported, kept, shown, statements } from './random-statements.js';

async function imported(text: string, items: typeof csvLines | typeof ownStatementLines = csvLines) {
  async function* chunks() {
    // In two pieces, so that one may end anywhere.
    const bytes = Buffer.from(text);
    const half = Math.floor(bytes.length / 2);
    yield bytes.subarray(0, half);
    yield bytes.subarray(half);
  }
  const back = [];
  for await (const { input } of items(chunks())) {
    const parsed = input.ok ? parseStatement(input.value, NOW) : input;
    back.push(parsed.ok ? kept(parsed.value) : parsed.refusal);
  }
  return back;
}

/** Cells of a text of ours: every one of them in quotes or bare. */
const cellsOf = (row: string): string[] =>
  [...row.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(
    ([, quoted, bare]) => quoted?.replaceAll('""', '"') ?? bare!,
  );

const TRUTHS = ['true', 'false'];
const SPELLED: Record<string, readonly string[]> = {
  true: ['True', 'TRUE', 'yes', 'Y', '1', 't', 'ИСТИНА'],
  false: ['False', 'FALSE', 'no', 'N', '0', 'f', '', 'ЛОЖЬ'],
};
const NUMBERS = new Set([
  'extentPercent',
  'givenLon',
  'givenLat',
  'extractionConfidence',
  'spanStart',
  'spanEnd',
  'credibility',
]);
const DECIMALS = new Set(['extentPercent', 'givenLon', 'givenLat', 'extractionConfidence']);

/** What programs do to a file that they open and save. */
const habits = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t'),
  quotes: fc.constantFrom('all', 'needed'),
  end: fc.constantFrom('\n', '\r\n'),
  lastEnd: fc.boolean(),
  mark: fc.boolean(),
  truth: fc.nat({ max: 7 }),
  number: fc.constantFrom('as it was', 'with a point', 'with a comma', 'with a plus'),
  time: fc.constantFrom(
    'as it was',
    'with a blank',
    'without a zone',
    'of another zone',
    'a date where it is midnight',
  ),
  order: fc.array(fc.nat({ max: 1000 }), { minLength: 70, maxLength: 70 }),
  extra: fc.constantFrom<readonly string[]>([], ['note'], ['', '', ''], ['a;b', 'x\ty', '"']),
  emptyRows: fc.nat({ max: 3 }),
});
type Habits = typeof habits extends fc.Arbitrary<infer T> ? T : never;

function retyped(column: string, cell: string, { truth, number, time, delimiter }: Habits): string {
  if (TRUTHS.includes(cell) && ['retracted', 'voided', 'quoteErased'].includes(column))
    return SPELLED[cell]![truth % SPELLED[cell]!.length]!;
  if (NUMBERS.has(column) && cell !== '') {
    if (number === 'with a plus' && !cell.startsWith('-')) return `+${cell}`;
    if (number === 'with a point' && /^-?\d+$/.test(cell)) return `${cell}.0`;
    if (number === 'with a comma' && delimiter !== ',' && DECIMALS.has(column))
      return cell.replace(/^(-?\d+)\.(\d+)$/, '$1,$2');
    return cell;
  }
  if (!/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(cell)) return cell;
  if (time === 'with a blank') return cell.replace('T', ' ').replace('.000Z', '+00:00');
  if (time === 'without a zone') return cell.replace('T', ' ').replace(/(\.000)?Z$/, '');
  if (time === 'of another zone')
    return new Date(Date.parse(cell) - 5 * 3_600_000).toISOString().replace('Z', '-05:00');
  return time === 'a date where it is midnight' ? cell.replace('T00:00:00.000Z', '') : cell;
}

/** The rows of a file of ours as another program saves them. */
function saved(rows: readonly string[][], given: Habits): string {
  const { delimiter, quotes, end, lastEnd, mark, order, extra, emptyRows } = given;
  const [header] = rows as [string[]];
  const columns = header.map((_, at) => at).toSorted((a, b) => order[a]! - order[b]!);
  const cell = (one: string) =>
    quotes === 'all' || /["\r\n,;\t]/.test(one) || one !== one.trim()
      ? `"${one.replaceAll('"', '""')}"`
      : one;
  const lines = rows.map((row, at) => [
    ...columns.map((column) => (at === 0 ? row[column]! : retyped(header[column]!, row[column]!, given))),
    ...(at === 0 ? extra : extra.map(() => '')),
  ]);
  const empty = Array.from({ length: emptyRows }, () => [...columns, ...extra].map(() => ''));
  const text = [...lines, ...empty].map((line) => line.map(cell).join(delimiter)).join(end);
  return `${mark ? '\uFEFF' : ''}${text}${lastEnd ? end : ''}`;
}

const lines = fc.array(statements, { minLength: 1, maxLength: 3 });

describe('statements that are exported and imported', () => {
  it('as CSV are the same, in every style', async () => {
    const style = fc.record({
      exact: fc.boolean(),
      delimiter: fc.constantFrom(',', ';', '\t'),
      excel: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(lines, style, async (all, given) =>
        expect(await imported((await exported(all, { format: 'csv', ...given })).toString())).toEqual(
          all.map(kept),
        ),
      ),
      { numRuns: 150 },
    );
  }, 120_000);

  it('as CSV are the same after another program has saved them in its own way', async () => {
    await fc.assert(
      fc.asyncProperty(lines, habits, async (all, given) => {
        const rows = (await exported(all, { format: 'csv' }))
          .toString()
          .split(/(?<="apostrophe"|"escaping")\r\n/)
          .slice(0, -1)
          .map(cellsOf);
        expect(await imported(saved(rows, given))).toEqual(all.map(kept));
      }),
      { numRuns: 250 },
    );
  }, 120_000);

  it('as NDJSON are the same, also with nulls where there is nothing', async () => {
    const nulls = {
      claim: { givenActor: null, actor: null, extent: null, target: null },
      speaker: { givenParty: null },
      location: {
        id: null,
        name: null,
        code: { scheme: null, value: null },
        coordinates: null,
        within: null,
      },
      source: { span: null, url: null, outlet: null },
    };
    const filled = (item: object) =>
      Object.fromEntries(
        Object.entries(item).map(([key, value]) => [
          key,
          key in nulls
            ? { ...nulls[key as keyof typeof nulls], ...(value as object | null) }
            : (value as unknown),
        ]),
      );
    await fc.assert(
      fc.asyncProperty(lines, fc.boolean(), async (all, isFilled) => {
        const text = all
          .map((one) => `${JSON.stringify(isFilled ? filled(shown(one)) : shown(one))}\n`)
          .join('');
        expect(await imported(text, ownStatementLines)).toEqual(all.map(kept));
      }),
      { numRuns: 150 },
    );
  }, 120_000);
});
