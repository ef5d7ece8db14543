import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it, test } from '@jest/globals';
import formats from 'ajv-formats';
import { EventStore } from '#libs/log';
import {
  exportSchema,
  exportStates,
  exportStatements,
  exportTimelines,
  type Format,
  type TextChunk,
} from '#libs/transfer';
import { all } from '../../../tests/support/opened-store.js';
import { newGeneration } from '../../../tests/support/generations.js';
import { exportAll, rareStore, writePieces } from './exported.js';
import { asked } from '../../../tests/support/duckdb.js';
import { seededStore } from './seeded-store.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
type Row = { [key: string]: Json };
type Rows = 'statements' | 'timeline' | 'states';

const stores: { close(): Promise<void> }[] = [];
/** One store with every type of event, and one with hardly any. */
let told: ModelQueries, rare: ModelQueries;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'rows-'));
  const one = await seededStore(300);
  const two = await rareStore();
  stores.push(one, two);
  [told, rare] = [await modelsOf(one.store), two.models];
}, 120_000);
afterAll(async () => void (await Promise.all(stores.map((store) => store.close()))));

async function modelsOf(store: EventStore): Promise<ModelQueries> {
  const { models, projector } = await newGeneration(store.pool, store);
  await projector.handle(await all(store.readAll()));
  return models;
}

const exports: Record<Rows, (models: ModelQueries, format: Format) => AsyncGenerator<TextChunk>> = {
  statements: (models, format) => exportStatements(models, {}, { format }),
  timeline: (models, format) => exportTimelines(models, {}, {}, { format }),
  states: (models, format) => exportStates(models, {}, {}, { format }),
};
const ROWS = Object.keys(exports) as Rows[];

async function textOf(pieces: AsyncIterable<TextChunk>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece.text as string;
  return text;
}

const linesOf = async (what: Rows, models: ModelQueries) =>
  (await textOf(exports[what](models, 'ndjson'))).trimEnd().split('\n');
const featuresOf = async (what: Rows, models: ModelQueries) =>
  JSON.parse(await textOf(exports[what](models, 'geojson'))) as {
    features: { id: string; geometry: Json; properties: Row }[];
  };

const isObject = (value: Json | undefined): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Every key of a row, at every depth, except those within missing values. */
function keysOf(value: Json, path = ''): string[] {
  if (!isObject(value)) return [path];
  return Object.entries(value).flatMap(([key, one]) =>
    ['/retracted', '/voided'].includes(`${path}/${key}`) ? [`${path}/${key}`] : keysOf(one, `${path}/${key}`),
  );
}

/** The objects in lists, each with the keys that it has. */
function listed(value: Json, path = ''): [path: string, keys: string][] {
  if (Array.isArray(value))
    return value.flatMap((one) => [
      ...(isObject(one) ? [[path, keysOf(one).join()] as [string, string]] : []),
      ...listed(one, path),
    ]);
  return isObject(value) ? Object.entries(value).flatMap(([key, one]) => listed(one, `${path}/${key}`)) : [];
}

describe.each(ROWS)('rows of %s', (what) => {
  it('have the same keys at every depth, in any store', async () => {
    const rows = [...(await linesOf(what, told)), ...(await linesOf(what, rare))].map(
      (line) => JSON.parse(line) as Row,
    );
    expect(rows.length).toBeGreaterThan(20);
    expect(new Set(rows.map((row) => keysOf(row).join()))).toHaveProperty('size', 1);
    const kinds = new Set(rows.flatMap((row) => listed(row)).map(([path, keys]) => `${path} ${keys}`));
    const lists = [...kinds].map((kind) => kind.split(' ')[0]!).toSorted();
    expect(lists).toEqual([...new Set(lists)]);
    expect(lists).toEqual(
      what === 'states'
        ? expect.arrayContaining(['/names', '/control', '/flags', '/control/assertedBy'])
        : ['/voided/further'],
    );
    const happened = rows.flatMap(({ retracted, voided }) => [retracted, voided]).filter(isObject);
    expect(new Set(happened.map((one) => keysOf(one).join())).size).toBe(what === 'states' ? 0 : 2);
    const properties = [
      ...(await featuresOf(what, told)).features,
      ...(await featuresOf(what, rare)).features,
    ].map((feature) => feature.properties);
    expect(new Set(properties.map((one) => keysOf(one).join())).size).toBe(1);
  });

  it('fit the JSON Schema, which lets nothing else pass', async () => {
    const ajv = formats.default(new Ajv2020({ allErrors: true, strict: true, strictTypes: false }));
    const [fitsLine, fitsFile] = (['ndjson', 'geojson'] as const).map((format) =>
      ajv.compile(exportSchema(what, format)),
    );
    for (const models of [told, rare]) {
      for (const line of await linesOf(what, models))
        expect([fitsLine!(JSON.parse(line)), fitsLine!.errors]).toEqual([true, null]);
      const file = await featuresOf(what, models);
      expect([fitsFile!(file), fitsFile!.errors]).toEqual([true, null]);
      expect(fitsFile!(file.features[0])).toBe(true);
    }
    const row = JSON.parse((await linesOf(what, told))[0]!) as Row;
    for (const key of Object.keys(row)) expect(fitsLine!({ ...row, [key]: undefined })).toBe(false);
    for (const key of Object.keys(row)) expect(fitsLine!({ ...row, [key]: { other: 1 } })).toBe(false);
    expect(fitsLine!({ ...row, other: null })).toBe(false);
    expect(fitsFile!({ type: 'FeatureCollection', features: [row] })).toBe(false);
  });

  it('have ids as features, among their properties too', async () => {
    for (const models of [told, rare]) {
      const { features } = await featuresOf(what, models);
      expect(features.map(({ properties }) => properties.id)).toEqual(features.map(({ id }) => id));
      if (what !== 'states')
        expect(features.map(({ properties }) => properties.statementId)).toEqual(
          features.map(({ id }) => id),
        );
      for (const { geometry } of features)
        expect(geometry === null ? [] : keysOf(geometry)).toEqual(
          geometry === null ? [] : ['/type', '/coordinates'],
        );
    }
  });
});

test('a number that need not be whole is written with a point, a whole one without', async () => {
  const lines = await linesOf('statements', rare);
  const percents = lines.map((line) => /"percent":([^,}]+)/.exec(line)![1]);
  expect(new Set(percents)).toEqual(new Set(['80.0', '80.5', 'null']));
  expect(lines.at(-1)).toContain('"coordinates":[19.75,-17.925]');
  expect(lines.at(-1)).toContain('"credibility":3}');
  expect((await linesOf('states', told)).every((line) => /"statements":\d+,"origins":\d+,/.test(line))).toBe(
    true,
  );
});

describe('a Parquet file', () => {
  const KINDS = ['statements', 'states'] as const;
  const TYPES: Record<string, string> = {
    string: 'VARCHAR',
    integer: 'BIGINT',
    number: 'DOUBLE',
    boolean: 'BOOLEAN',
    datetime: 'TIMESTAMP WITH TIME ZONE',
  };

  it('has the columns of CSV, each with the type that the Table Schema says, or lists', async () => {
    await exportAll(told, folder);
    for (const what of KINDS) {
      const { fields } = JSON.parse(readFileSync(join(folder, `${what}.csv.schema.json`), 'utf8')) as {
        fields: { name: string; type: string }[];
      };
      const header = readFileSync(join(folder, `${what}.csv`), 'utf8')
        .split('\r\n')[0]!
        .replaceAll('"', '')
        .split(',');
      expect(fields.map(({ name }) => name)).toEqual(header);
      const columns = (await asked(`describe from '${join(folder, `${what}.parquet`)}'`)).map(
        ({ column_name: name, column_type: type }) => ({ name, type }),
      );
      const lists = columns.filter(({ type }) => type === 'VARCHAR[]').map(({ name }) => name);
      expect(lists).toEqual(
        what === 'states'
          ? expect.arrayContaining(['names', 'codes', 'countries', 'merged', 'holders', 'standings', 'flags'])
          : ['via'],
      );
      expect(columns).toEqual(
        [...fields, ...(what === 'states' ? [{ name: 'token', type: 'string' }] : [])].map(
          ({ name, type }) => ({ name, type: lists.includes(name) ? 'VARCHAR[]' : TYPES[type] }),
        ),
      );
    }
  });

  it('says what CSV says; what is empty is a file too', async () => {
    const file = (what: string, format: string) => `'${join(folder, `${what}.${format}`)}'`;
    for (const what of KINDS) {
      const { fields } = JSON.parse(readFileSync(join(folder, `${what}.csv.schema.json`), 'utf8')) as {
        fields: { name: string; type: string }[];
      };
      await writePieces(
        join(folder, `${what}.exact.csv`),
        what === 'states'
          ? exportStates(told, {}, {}, { format: 'csv', exact: true })
          : exportStatements(told, {}, { format: 'csv', exact: true }),
      );
      const scalar = (await asked(`describe from ${file(what, 'parquet')}`))
        .filter(({ column_name: name, column_type: type }) => type !== 'VARCHAR[]' && name !== 'token')
        .map(({ column_name: name }) => name as string);
      const types = fields.map(({ name, type }) => `'${name}': '${TYPES[type]}'`).join(', ');
      const columns = scalar.map((name) => `"${name}"`).join(', ');
      const [csv, parquet] = await Promise.all(
        [`read_csv(${file(what, 'exact.csv')}, types = {${types}})`, file(what, 'parquet')].map((from) =>
          asked(`select ${columns} from ${from}`),
        ),
      );
      expect(parquet!.length).toBeGreaterThan(20);
      expect(parquet).toEqual(csv);
    }
    expect(
      await writePieces(
        join(folder, 'none.parquet'),
        exportStatements(told, { party: 'nobody' }, { format: 'parquet' }),
      ),
    ).toBe(0);
    expect(await asked(`select count(*)::int as n from ${file('none', 'parquet')}`)).toEqual([{ n: 0 }]);
  });
});
