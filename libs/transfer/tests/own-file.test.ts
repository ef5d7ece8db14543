import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { writeWhole } from '#libs/platform';
import { exportStates, isOwnFile, type FormatOptions, type Held } from '#libs/transfer';
import { answering, exported, statements } from './random-statements.js';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'own-file-'))));

const state = {
  id: 'x',
  name: 'X',
  names: [],
  codes: [],
  status: 'claimed',
  rule: 'r',
  control: [],
  flags: [],
  countries: [],
  merged: [],
  rulesetVersion: '1',
};

async function exportedStates(rows: number, options: FormatOptions): Promise<Buffer> {
  const queries = answering(() => ({
    items: Array.from({ length: rows }, () => JSON.stringify(state)),
    nextCursor: null,
  }));
  const pieces = [];
  for await (const { text } of exportStates(queries, {}, {}, options))
    pieces.push(Buffer.from(text as string));
  return Buffer.concat(pieces);
}

const log = (storeId: string) =>
  Buffer.from(`${JSON.stringify({ claimline: 'log', version: 1, storeId })}\n`);
const all = fc.sample(statements, { numRuns: 2, seed: 3 });

const made: [content: Buffer, held: Held][] = [
  ...(await Promise.all(
    [
      { format: 'ndjson' },
      { format: 'geojson' },
      { format: 'csv' },
      { format: 'csv', exact: true },
      { format: 'csv', delimiter: ';', excel: true },
      { format: 'csv', delimiter: '\t' },
      { format: 'parquet' },
    ].flatMap((given) => {
      const options = given as FormatOptions;
      const { format } = options;
      // An empty NDJSON file has no first line.
      const few = format === 'ndjson' ? [1, 2] : [0, 1, 2];
      return few.flatMap((rows) => [
        exportedStates(rows, options).then((content): [Buffer, Held] => [
          content,
          { what: 'states', format },
        ]),
        exported(all.slice(0, rows), options).then((content): [Buffer, Held] => [
          content,
          { what: 'statements', format },
        ]),
      ]);
    }),
  )),
  [log('a'), { what: 'log', storeId: 'a' }],
  [log('b'), { what: 'log', storeId: 'b' }],
];
const saved = made
  .map(([content]) => content.toString())
  .find((text) => text.startsWith('"statementId"'))!
  .replaceAll('"', '');

/** An export of ours with a foreign field in each row. */
const extended = [
  ...made.flatMap(([content, held]) =>
    held.what !== 'log' && held.format === 'csv' ? [content.toString().replace('\r\n', ',"mine"\r\n')] : [],
  ),
  ...made.flatMap(([content, held]) =>
    held.what !== 'log' && held.format === 'ndjson'
      ? [content.toString().replaceAll('}\n', ',"mine":1}\n')]
      : [],
  ),
];

const foreign = [
  'hello\n',
  '\n',
  '{}',
  '{}\n{}\n',
  '[]',
  'null\n',
  'statementId,eventId,stance,predicate\n',
  '"id"\r\n',
  '{"type":"FeatureCollection","features":[]}',
  '{"type":"FeatureCollection","features":[\n{"type":"Feature","properties":{}}\n]}\n',
  '{"stance":"assert","statementId":"x"}\n',
  '\u0000\u0001',
  'PAR1 of others PAR1',
  ...extended,
  'x'.repeat(2_000_000),
  saved,
];

describe('a file that is there already', () => {
  const file = (content: string | Buffer) => {
    const name = join(folder, 'some');
    writeFileSync(name, content);
    return name;
  };

  it.each(made)(
    'made as no. %# gives its place to an export of its own kind alone',
    async (content, held) => {
      const name = file(content);
      const kinds = [...new Set(made.map(([, one]) => JSON.stringify(one)))];
      const takers = [];
      for (const kind of kinds) if (await isOwnFile(name, JSON.parse(kind) as Held)) takers.push(kind);
      // An empty collection does not show its kind.
      const isEmpty = content.toString().startsWith('{"type":"FeatureCollection","features":[\n\n]}');
      expect(takers).toEqual(
        isEmpty
          ? ['states', 'statements'].map((what) => JSON.stringify({ what, format: 'geojson' }))
          : [JSON.stringify(held)],
      );
    },
  );

  it.each(foreign)('no. %# is of others', async (text) => {
    const name = file(text);
    for (const [, held] of made) expect(await isOwnFile(name, held)).toBe(false);
  });

  it('and empty is nobody’s', async () => {
    const name = file('');
    for (const [, held] of made) expect(await isOwnFile(name, held)).toBe(true);
  });
});

describe('a file that is written', () => {
  it('is for its owner alone from its first byte on, whoever could read what had its name', async () => {
    const name = join(folder, 'secret');
    writeFileSync(name, 'old');
    chmodSync(name, 0o666);
    const modes: number[] = [];
    async function* pieces() {
      yield 'first';
      for (const one of readdirSync(folder).filter((other) => other.startsWith('.secret')))
        modes.push(statSync(join(folder, one)).mode & 0o777);
      yield Buffer.from(' last');
    }
    await writeWhole(name, pieces(), { mode: 0o600 });
    expect([modes, statSync(name).mode & 0o777, readFileSync(name, 'utf8')]).toEqual([
      [0o600],
      0o600,
      'first last',
    ]);
  });

  it('leaves what may not be replaced, also where it has come meanwhile', async () => {
    const name = join(folder, 'new');
    const mayReplace = async () => false;
    async function* pieces() {
      yield 'first';
      writeFileSync(name, 'of others');
    }
    await expect(writeWhole(name, pieces(), { mayReplace })).rejects.toThrow(`${name} is there already`);
    await expect(writeWhole(name, pieces(), { mayReplace })).rejects.toThrow(`${name} is there already`);
    expect(readFileSync(name, 'utf8')).toBe('of others');
    expect(readdirSync(folder).filter((one) => one.includes('.part'))).toEqual([]);
  });
});
