import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { npmTree } from '../support/npm.js';
import { runProgram } from '../support/program.js';
import { named } from './schemas.js';

const FILE = resolve('docs/asyncapi.yaml');

interface Part {
  title?: string;
  type?: unknown;
  [word: string]: unknown;
}

/** Every schema of the document, with where it is. */
function* schemasOf(part: unknown, path = ''): Generator<[path: string, schema: Part]> {
  if (typeof part !== 'object' || part === null) return;
  if (
    /\/(schemas|properties)\/[^/]+$/.test(path) ||
    /\/(headers|payload|key|items|not|additionalProperties|(oneOf|anyOf|allOf|items)\/\d+)$/.test(path)
  )
    yield [path, part as Part];
  for (const [word, value] of Object.entries(part))
    if (word !== 'examples') yield* schemasOf(value, `${path}/${word}`);
}

/** Whether code needs a class, an enum or a union for it. */
const needsName = ({ $ref, type, ...words }: Part) =>
  $ref === undefined &&
  (type === 'object' ||
    Array.isArray(type) ||
    ['properties', 'enum', 'oneOf', 'anyOf', 'allOf'].some((word) => word in words));

describe('code that is made of docs/asyncapi.yaml', () => {
  const found = [...schemasOf(parse(readFileSync(FILE, 'utf8')))];

  test('every schema that code needs a name for has a title, and that is the name it is referred to by', () => {
    expect(found.length).toBeGreaterThan(200);
    expect(
      found.filter(([, schema]) => needsName(schema) && schema.title === undefined).map(([path]) => path),
    ).toEqual([]);
    for (const [path, { title }] of found)
      if (/^\/components\/schemas\/[^/]+$/.test(path)) expect(`/components/schemas/${title}`).toBe(path);
  });

  test('no two schemas that differ have one title, and none occurs twice', () => {
    const byTitle = new Map<string, string>();
    for (const [path, schema] of found) {
      if (schema.title === undefined || /\/bindings\//.test(path)) continue;
      expect([path, byTitle.get(schema.title)]).toEqual([path, undefined]);
      byTitle.set(schema.title, path);
    }
    const text = (schema: Part) => JSON.stringify({ ...schema, title: undefined });
    const whole = found
      .filter(([path]) => /^\/components\/schemas\/[^/]+$/.test(path))
      .map(([, schema]) => text(schema));
    expect(whole.filter((one, at) => whole.indexOf(one) !== at)).toEqual([]);
  });

  test('a title that two would have is a fault, also deep inside', () => {
    named({ title: 'OfThisTest', type: 'object', properties: { a: { type: 'string' } } });
    expect(named({ title: 'OfThisTest', type: 'object', properties: { a: { type: 'string' } } })).toEqual({
      $ref: '#/components/schemas/OfThisTest',
    });
    expect(() =>
      named({ type: 'object', properties: { deep: { title: 'OfThisTest', type: 'string' } } }),
    ).toThrow('two schemas are called OfThisTest');
  });

  describe('by Modelina', () => {
    let models: [name: string, code: string][];
    beforeAll(async () => {
      const folder = await npmTree(resolve('tests/asyncapi/modelina'));
      models = JSON.parse(
        await runProgram(process.execPath, [resolve('tests/asyncapi/modelina/models.mjs'), folder, FILE]),
      ) as typeof models;
    }, 300_000);

    test('has a name of its own for each model', () => {
      const names = models.map(([name]) => name);
      expect(names.length).toBeGreaterThan(50);
      expect(names.filter((name) => /anonym|reserved/i.test(name))).toEqual([]);
      expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([]);
    });

    test('has the types of the schemas', () => {
      const code = new Map(models);
      expect(code.get('Statement')).toMatch(/claim: Claim;/);
      expect(code.get('Claim')).toMatch(/predicate: Predicate;/);
      expect(code.get('ClaimData')).toMatch(/claim: RecordedClaim;/);
      expect(code.get('RecordedEvent')).toMatch(/= ClaimEvent \| RetractionEvent \| MarkEvent/);
    });
  });
});
