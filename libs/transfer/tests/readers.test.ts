import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import { exportStatements, type Format } from '#libs/transfer';
import { pythonWith, whyNoPython } from '../../../tests/support/python.js';
import { exportAll, RARE, rareStore, until, writePieces } from './exported.js';

const PACKAGES = [
  'duckdb==2.0.1',
  'frictionless==5.21.0',
  'pandas==3.1.1',
  'polars==2.1.0',
  'pyarrow==26.0.1',
];
const PAGE = readFileSync('docs/reading-exports.md', 'utf8');
/** More rows than any program samples before it guesses types. */
const ROWS = 50_001;

/** The lines that the page shows for a program, in its order. */
const shown = (language: string, program?: string) =>
  [...PAGE.matchAll(/```(\w*)\n([^]*?)```/g)]
    .filter(([, of, block]) => of === language && (program === undefined || block!.includes(program)))
    .map(([, , block]) => block!);

let folder: string;
let close: () => Promise<void>;
beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'readers-'));
  const store = await rareStore();
  close = store.close;
  mkdirSync(join(folder, 'few'));
  await exportAll(store.models, join(folder, 'few'));
  await exportAll(store.models, folder);
  const many = await until(ROWS, store.models);
  for (const format of ['ndjson', 'csv', 'parquet'] satisfies Format[])
    expect(
      await writePieces(join(folder, `statements.${format}`), exportStatements(many, {}, { format })),
    ).toBe(ROWS);
}, 300_000);
afterAll(() => close?.());

function ran(program: string, args: string[], input?: string, cwd = folder): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    input,
    maxBuffer: 64 * 1024 * 1024,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stdout + stderr}`);
  return stdout;
}

/** What Python prints as JSON after the lines of the page. */
const answerOf = (lines: string, answer: string): unknown =>
  JSON.parse(
    ran(
      pythonWith(PACKAGES),
      ['-'],
      `${lines}\nimport json\nprint(json.dumps(${answer}, default=lambda one: one.tolist() if hasattr(one, 'tolist') else str(one)))\n`,
    ).replaceAll('NaN', 'null'),
  );

const IS_RARE = `'${RARE.statementId}'`;
// Late and rare values, most of which a reader may mistake for another type.
const FLAT = {
  extentPercent: 80.5,
  givenCountry: 'NA',
  givenCode: '0077',
  givenLon: 19.75,
  reliability: 'C',
  credibility: 3,
  extractionVersion: '2025-11-1',
  extractionConfidence: 0.5,
  by: '5:10',
  reason: RARE.reason,
  quote: RARE.source.quote,
  voided: false,
};
const AT = /^2021-01-02 00:00:00\+00(:00)?$/;
const NESTED = {
  'claim.extent.percent': 80.5,
  'location.country': 'NA',
  'location.code.value': '0077',
  'location.coordinates': [19.75, -17.925],
  via: RARE.via,
  'occurredAt.from': '2021-01-02T00:00:00.000Z',
  'grading.reliability': 'C',
  'grading.credibility': 3,
  'extraction.version': '2025-11-1',
  'extraction.confidence': 0.5,
  by: '5:10',
  reason: RARE.reason,
  'source.quote': RARE.source.quote,
  'source.span.start': 3,
};

const describeReaders = process.env.CI || whyNoPython() === undefined ? describe : describe.skip;
describeReaders('the lines of docs/reading-exports.md', () => {
  // They are installed if they are missing.
  beforeAll(() => void pythonWith(PACKAGES), 600_000);

  it('are run by the versions that the page names', () => {
    for (const one of PACKAGES.filter((name) => /^(duckdb|pandas|polars)=/.test(name)))
      expect(PAGE.toLowerCase()).toContain(one.replace('==', ' '));
    expect([
      shown('sql').length,
      shown('python').length,
      shown('r').length,
      shown('sh').length,
      shown('js').length,
    ]).toEqual([3, 7, 2, 1, 1]);
  });

  it('for DuckDB find what comes late and rarely', () => {
    const answers = (block: string) =>
      answerOf('import duckdb', `duckdb.sql(${JSON.stringify(block)}).fetchall()`) as unknown[][];
    const [joined, guessed, named] = shown('sql').map(answers);
    expect(joined).toContainEqual(['Rundu', 'claimed', 1, 80.5]);
    expect(joined!.reduce((sum, [, , statements]) => sum + (statements as number), 0)).toBe(ROWS);
    expect(guessed).toHaveLength(ROWS);
    expect(guessed!.at(-1)).toEqual([RARE.statementId, 80.5, 'C', RARE.reason]);
    const states = readFileSync(join(folder, 'states.ndjson'), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; status: string; token: string });
    expect(named).toEqual(states.map(({ id, status, token }) => [id, status, token]));
    expect(answers("select id, token from 'states.parquet'")).toEqual(
      states.map(({ id, token }) => [id, token]),
    );
    expect(
      answers("select distinct rulesetVersion, typeof(rulesetVersion) from read_json('states.ndjson')"),
    ).toEqual([[expect.stringContaining('russia-ukraine-'), 'VARCHAR']]);
    expect(
      answers("select distinct rulesetVersion, typeof(rulesetVersion) from read_csv('states.csv')"),
    ).toEqual([[expect.stringContaining('russia-ukraine-'), 'VARCHAR']]);
    const [csv] = shown('python', 'duckdb.read_csv');
    expect(
      answerOf(
        csv!,
        `duckdb.sql("""select columns([${Object.keys(FLAT)
          .map((name) => `'${name}'`)
          .join(
            ', ',
          )}]), occurredFrom::varchar as at from statements where statementId = ${IS_RARE}""").df().iloc[0].to_dict()`,
      ),
    ).toMatchObject({ ...FLAT, at: expect.stringMatching(AT) });
  }, 300_000);

  const flatRow = {
    pandas: `statements[statements.statementId == ${IS_RARE}].iloc[0]`,
    polars: `statements.filter(pl.col('statementId') == ${IS_RARE}).row(0, named=True)`,
  };
  for (const [program, row] of Object.entries(flatRow))
    it(`for ${program} find what comes late and rarely`, () => {
      const [parquet, ndjson, csv] = [
        'read_parquet',
        program === 'pandas' ? 'json_normalize' : 'read_ndjson',
        `${program === 'pandas' ? 'pd' : 'pl'}.read_csv`,
      ].map((by) => shown('python', by).find((block) => block.includes(`# ${program}`))!);
      const rowOf = `{**dict(${row}), 'rows': len(statements), 'lists': list(dict(${row}).get('via'))}`;
      expect(answerOf(parquet!, rowOf)).toMatchObject({
        ...FLAT,
        rows: ROWS,
        occurredFrom: expect.stringMatching(AT),
        lists: RARE.via,
      });
      expect(answerOf(csv!, rowOf)).toMatchObject({
        ...FLAT,
        rows: ROWS,
        occurredFrom: expect.stringMatching(AT),
      });
      const nested = program === 'pandas' ? `dict(${row})` : `dict(json_normalize(${row}))`;
      const answer = answerOf(`${ndjson}\n${program === 'pandas' ? '' : FLATTENED}`, nested);
      expect(answer).toEqual(expect.objectContaining(NESTED));
    }, 300_000);

  it('for frictionless find nothing wrong, and what is wrong', () => {
    const [line, ...others] = shown('')
      .join('')
      .split('\n')
      .filter((one) => one.startsWith('frictionless '));
    expect(others).toEqual([]);
    // The launcher beside the interpreter does not work after its folder is renamed.
    const few = join(folder, 'few');
    const frictionless = (words: string) =>
      ran(pythonWith(PACKAGES), ['-m', ...words.split(' ')], undefined, few);
    expect(frictionless(line!)).toContain('VALID');
    const csv = readFileSync(join(few, 'statements.csv'), 'utf8');
    writeFileSync(join(few, 'wrong.csv'), csv.replace(',80.5,', ',much,'));
    expect(() => frictionless(line!.replace('statements.csv ', 'wrong.csv '))).toThrow(
      /INVALID[^]*type-error/,
    );
  }, 300_000);
});

/** The fields of nested objects, as pandas names them. */
const FLATTENED = `
def json_normalize(value, path=''):
    for key, one in value.items():
        if isinstance(one, dict): yield from json_normalize(one, path + key + '.')
        else: yield path + key, one
`;

const isThere = (program: string, args: string[]) =>
  spawnSync(program, args, { stdio: 'ignore' }).status === 0;

(isThere('Rscript', ['-e', 'library(readr)']) ? test : test.skip)(
  'the lines for readr read what comes late and rarely',
  () => {
    const [block] = shown('r').filter((lines) => lines.includes('readr'));
    const out = ran(
      'Rscript',
      ['-'],
      [
        block,
        `row <- as.data.frame(statements[statements$statementId == "${RARE.statementId}", ])`,
        'cat(nrow(statements), row$extentPercent, row$givenCountry, row$extractionVersion, row$by,',
        '  format(row$statedAt, "%Y-%m-%d %H:%M", tz = "UTC"), row$voided, sep = "|")',
        '',
      ].join('\n'),
    );
    expect(out).toBe([ROWS, 80.5, 'NA', '2025-11-1', '5:10', '2021-01-03 00:00', 'FALSE'].join('|'));
  },
  120_000,
);

(isThere('ogr2ogr', ['--version']) ? test : test.skip)(
  'the line for GDAL reads every place, and no token as a time',
  () => {
    ran('sh', ['-ec', shown('sh')[0]!]);
    const read = ran('ogrinfo', ['-al', '-q', 'states.gpkg']);
    const { features } = JSON.parse(readFileSync(join(folder, 'states.geojson'), 'utf8')) as {
      features: { id: string; properties: { token: string } }[];
    };
    for (const { id, properties } of features)
      for (const field of [`id (String) = ${id}\n`, `token (String) = ${properties.token}\n`])
        expect(read).toContain(field);
  },
);

test('the property that the line for MapLibre names is the id of every feature', () => {
  const property = /promoteId: '(\w+)'/.exec(shown('js')[0]!)![1]!;
  for (const what of ['states', 'statements']) {
    const { features } = JSON.parse(readFileSync(join(folder, `${what}.geojson`), 'utf8')) as {
      features: { id: string; properties: Record<string, unknown> }[];
    };
    expect(features.length).toBeGreaterThan(5);
    expect(features.map(({ properties }) => properties[property])).toEqual(features.map(({ id }) => id));
  }
});
