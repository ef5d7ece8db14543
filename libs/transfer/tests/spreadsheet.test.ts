import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parseStatement, type Statement } from '#libs/domain';
import { csvLines, DELIMITERS, type FormatOptions } from '#libs/transfer';
import { NOW } from '../../../tests/support/test-log.js';
import { isSpreadsheetHere, resaved } from '../../../tests/support/spreadsheet.js';
import { exported, kept } from './random-statements.js';

const SIGNS = ['=1+1', '+1+1', '-1+1', '@A1', '\u{ff1d}1+1', "'=1+1", "''=1+1"];
const BREAKS = [
  '\n',
  '\r\n',
  '\r',
  '\u2028',
  ';',
  ',',
  '\t',
  '";',
  ';"',
  '\n"',
  '"\n',
  '","',
  '";"',
  '"\t"',
  '; ',
  '""',
  '" "',
  'words',
];
const PARTS = [...SIGNS, ...SIGNS, ...BREAKS, ...BREAKS];

const [quotes, lines] = [8, 4].map((maxLength) =>
  fc.array(fc.constantFrom(...PARTS), { minLength: 1, maxLength }).map((parts) => parts.join('').trim()),
);
const oneLine = lines!.filter((text) => !/[\n\r\t\u2028]/.test(text) && text !== '');
const words = fc.record({
  quote: quotes!.filter((text) => text !== ''),
  name: oneLine,
  party: oneLine,
  reason: oneLine,
  part: oneLine,
  via: fc.array(oneLine, { minLength: 1, maxLength: 3 }),
});

type Words = typeof words extends fc.Arbitrary<infer T> ? T : never;

function statementOf({ quote, name, party, reason, part, via }: Words): Statement {
  const source = { outlet: name, quote, publishedAt: '2025-11-21T08:30:15.123Z' };
  const parsed = parseStatement(
    {
      stance: 'deny',
      claim: { predicate: 'controls', actor: party, extent: { part } },
      location: { name, country: 'UA', coordinates: [-37.5, 49.25] },
      speaker: { name, party, role: reason },
      via,
      statedAt: '2025-11-20',
      source,
      reason,
      by: part,
    },
    NOW,
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
  return parsed.value;
}

const SPREADSHEET =
  process.env.CLAIMLINE_REQUIRE_LIBREOFFICE === '1' || isSpreadsheetHere() ? describe : describe.skip;

SPREADSHEET('a CSV export in LibreOffice', () => {
  const all = [
    statementOf({
      quote: 'words;=1+1;more\n=1+1\n"=1+1"\t=1+1',
      name: '=1+1',
      party: ';=1+1',
      reason: '",=1+1',
      part: '";=1+1;"',
      via: ['=1+1', 'a; b'],
    }),
    ...fc.sample(words, { numRuns: 200, seed: 17 }).map(statementOf),
  ];
  let folder: string;
  beforeAll(() => void (folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'formulas-'))));

  const file = async (name: string, style: Partial<FormatOptions>) => {
    const path = join(folder, `${name}.csv`);
    writeFileSync(path, await exported(all, { format: 'csv', ...style }));
    return path;
  };
  const formulas = (paths: readonly string[], separators: string) =>
    resaved(paths, separators, 'fods').flatMap((text) => text.match(/table:formula="[^"]*"/g) ?? []);

  it.each([',', ';', '\t', ',;\t'])(
    'has no formula, opened with %j',
    async (separators) => {
      expect(
        formulas(
          await Promise.all(DELIMITERS.map((delimiter, at) => file(`guarded-${at}`, { delimiter }))),
          separators,
        ),
      ).toEqual([]);
    },
    120_000,
  );

  it('would have some as it is: that is what --exact is for', async () => {
    expect(formulas([await file('exact', { exact: true })], ';').length).toBeGreaterThan(10);
  }, 60_000);

  it.each(DELIMITERS)(
    'saved by it with %j is imported as it was',
    async (separator) => {
      // It normalizes line breaks; everything else comes back.
      const broken = new Set(
        all.filter(({ content }) => content.source!.quote!.includes('\r')).map(({ id }) => id),
      );
      const [text] = resaved([await file('saved', { excel: true })], ',', { separator });
      expect(text).toContain('FALSE');
      async function* chunks() {
        yield Buffer.from(text!);
      }
      const back = [];
      for await (const { input } of csvLines(chunks())) {
        const parsed = input.ok ? parseStatement(input.value, NOW) : input;
        back.push(parsed.ok ? kept(parsed.value) : parsed.refusal);
      }
      expect(back).toEqual(
        all.map((one) => (broken.has(one.id) ? { ...kept(one), digest: expect.any(String) } : kept(one))),
      );
      expect(broken.size).toBeLessThan(all.length / 2);
    },
    60_000,
  );
});
