import { chmodSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { writeWhole } from '#libs/platform';
import { isOwnFile, type Held } from '#libs/replay';
import { csvHead, csvRow } from '../../libs/replay/src/csv.js';
import { stateColumns, statementColumns } from '../../libs/replay/src/columns.js';
import { stateForm, statementForm } from '../../libs/replay/src/forms.js';
import { shown, statements } from './random-statements.js';

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'own-file-'))));

const [statement] = fc.sample(statements, { numRuns: 1, seed: 3 });
const item = shown(statement!);
const state = { id: 'x', name: 'X', names: [], codes: [], status: 'claimed', rule: 'r', control: [], flags: [], countries: [], merged: [], rulesetVersion: '1' };
const log = (storeId: string) => `${JSON.stringify({ claimline: 'log', version: 1, storeId })}\n`;

const made: [text: string, held: Held][] = [
  [csvHead(stateColumns, {}) + csvRow(stateColumns, state as never, {}), { what: 'states', format: 'csv' }],
  [csvHead(statementColumns, { delimiter: ';', excel: true }) + csvRow(statementColumns, item, {}), { what: 'statements', format: 'csv' }],
  [csvHead(statementColumns, { delimiter: '\t' }), { what: 'statements', format: 'csv' }],
  [`${JSON.stringify(state)}\n`, { what: 'states', format: 'ndjson' }],
  [`${JSON.stringify(item)}\n`, { what: 'statements', format: 'ndjson' }],
  ...(['ndjson', 'csv', 'geojson'] as const).flatMap((format): [string, Held][] => {
    const [ofState, ofStatement] = [stateForm(format, {}), statementForm(format, {})];
    return [
      [ofState.head + ofState.row(JSON.stringify(state)) + ofState.between + ofState.row(JSON.stringify(state)) + ofState.tail, { what: 'states', format }],
      [ofStatement.head + ofStatement.row({ item, coordinates: null }) + ofStatement.tail, { what: 'statements', format }],
    ];
  }),
  [log('a'), { what: 'log', storeId: 'a' }],
  [log('b'), { what: 'log', storeId: 'b' }],
];

const foreign = ['hello\n', '\n', '{}', '{}\n{}\n', '[]', 'null\n', 'statementId,eventId,stance,predicate\n', '"id"\r\n', '{"type":"FeatureCollection","features":[]}', '{"type":"FeatureCollection","features":[\n{"type":"Feature","properties":{}}\n]}\n', '{"stance":"assert","statementId":"x"}\n', '\u0000\u0001', 'x'.repeat(2_000_000), made[1]![0].replaceAll('"', '')];

describe('a file that is there already', () => {
  const file = (text: string) => {
    const name = join(folder, 'some');
    writeFileSync(name, text);
    return name;
  };

  it.each(made)('made as no. %# gives its place to an export of its own kind alone', async (text, held) => {
    const name = file(text);
    const kinds = [...new Set(made.map(([, one]) => JSON.stringify(one)))];
    const takers = [];
    for (const kind of kinds) if (await isOwnFile(name, JSON.parse(kind) as Held)) takers.push(kind);
    expect(takers).toEqual([JSON.stringify(held)]);
  });

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
      for (const one of readdirSync(folder).filter((other) => other.startsWith('.secret'))) modes.push(statSync(join(folder, one)).mode & 0o777);
      yield Buffer.from(' last');
    }
    await writeWhole(name, pieces(), { mode: 0o600 });
    expect([modes, statSync(name).mode & 0o777, readFileSync(name, 'utf8')]).toEqual([[0o600], 0o600, 'first last']);
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
