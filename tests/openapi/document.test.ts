import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type IssuedKey, type Key, NEEDS } from '#libs/access';
import type { RulesetFile } from '#libs/domain';
import type { Receipt } from '#libs/log';
import { keySchemas, receiptSchemas as receipts, jobSchemas as runs } from '#libs/http';
import type { ProblemBody } from '#libs/platform';
import type { ShardLag } from '#libs/queries';
import type { PublishSpec, RebuildSpec, Job } from '#libs/jobs';
import { startRunning, type Running } from '../api/running.js';
import { holds } from '../support/holds.js';
import { Described, type Operation } from './described.js';

type Placed = 'eventId' | 'shard' | 'position' | 'recordedAt';
holds<
  Omit<Receipt, Placed> & Partial<Pick<Receipt, Placed>> & { id?: string; token?: string; dryRun?: true }
>()(receipts.receipt);
holds<ProblemBody>()(receipts.problem);
holds<{ rulesetVersion: string; items: ShardLag[]; nextCursor: null; token: string }>()(receipts.projections);
holds<{ version: string; sides: RulesetFile['sides']; items: RulesetFile['parties']; nextCursor: null }>()(
  runs.parties,
);
holds<Key>()(keySchemas.key);
holds<IssuedKey>()(keySchemas.issuedKey);
type Spec = Partial<Omit<RebuildSpec, 'ruleset' | 'signature'> & PublishSpec>;
holds<
  Omit<Job, 'id' | 'attempts' | 'kind' | 'spec' | 'result'> & {
    replayId: string;
    kind: 'rebuild' | 'publish';
    eta: string | null;
    spec: Spec;
  }
>()(runs.replay.omit({ result: true }));

let running: Running;
let described: Described;
/** The document, as two got it who asked while it was made. */
let texts: string[];

beforeAll(async () => {
  running = await startRunning();
  const ask = async () => (await running.get('/openapi.json')).text;
  texts = await Promise.all([ask(), ask()]);
  described = new Described(running, texts[0]!);
});
afterAll(() => running.stop());

type Schema = Record<string, unknown>;

/** Every schema of the document, with its path. */
function* schemas(part: unknown, path = ''): Generator<[path: string, schema: Schema]> {
  if (typeof part !== 'object' || part === null) return;
  if (
    !Array.isArray(part) &&
    ['type', '$ref', 'anyOf', 'oneOf', 'items'].some((word) => word in part) &&
    !/\/(properties|examples)$/.test(path)
  )
    yield [path, part as Schema];
  for (const [name, inside] of Object.entries(part))
    if (name !== 'examples') yield* schemas(inside, `${path}/${name}`);
}

/** The paths of the schemas of which something holds. */
const where = (holds: (schema: Schema) => boolean) =>
  [...schemas(described.document)].flatMap(([path, schema]) => (holds(schema) ? [path] : []));
const operations = () => described.operations().map(([, , operation]) => operation);
const parameters = (named: (one: NonNullable<Operation['parameters']>[number]) => boolean) =>
  operations().flatMap(({ operationId, parameters = [] }) =>
    parameters.filter(named).map((one) => ({ operationId, ...one })),
  );

test('who asks while /openapi.json is made gets it too', () => {
  expect(texts[1]).toBe(texts[0]);
});

describe('strict generators can read /openapi.json:', () => {
  test('null is a type only beside another one, or a choice beside a reference', () => {
    expect(
      where(
        ({ type, anyOf, oneOf }) =>
          (Array.isArray(type) && type.length === 1) ||
          [anyOf, oneOf].some(
            (choice) => Array.isArray(choice) && choice.every((one: Schema) => one.type === 'null'),
          ),
      ),
    ).toEqual([]);
    const inChoices = where(({ type }) => type === 'null');
    expect(inChoices.filter((path) => !/\/anyOf\/\d+$/.test(path))).toEqual([]);
    expect(
      where(
        ({ anyOf }) =>
          Array.isArray(anyOf) &&
          !(anyOf.length === 2 && '$ref' in (anyOf[0] as Schema) && (anyOf[1] as Schema).type === 'null'),
      ),
    ).toEqual([]);
  });

  test('every schema and every field says what it is, and every body how one looks', () => {
    const { schemas: components } = described.document.components;
    const isSaid = ({ description, $ref }: Schema) => typeof (description ?? $ref) === 'string';
    expect(Object.entries(components).flatMap(([name, schema]) => (isSaid(schema) ? [] : [name]))).toEqual(
      [],
    );
    expect(
      [...schemas(components)].flatMap(([path, schema]) =>
        /\/properties\/[^/]+$/.test(path) && !isSaid(schema) ? [path] : [],
      ),
    ).toEqual([]);
    const bodies = operations().flatMap(({ requestBody }) =>
      Object.values(requestBody?.content ?? {}).flatMap(({ schema }) =>
        '$ref' in schema ? [String(schema.$ref).split('/').at(-1)!] : [],
      ),
    );
    expect(bodies.length).toBeGreaterThan(10);
    expect(bodies.filter((name) => !Array.isArray(components[name]!.examples))).toEqual([]);
  });

  test('a choice is made by a field of its own', () => {
    expect(
      where((schema) => 'oneOf' in schema && !(schema.discriminator as Schema | undefined)?.mapping),
    ).toEqual([]);
  });

  test('lists say what is in them, and coordinates are two numbers', () => {
    expect(
      where(
        ({ type, items, prefixItems }) =>
          [type].flat().includes('array') && (typeof items !== 'object' || prefixItems !== undefined),
      ),
    ).toEqual([]);
    const { coordinates } = described.document.components.schemas.State!.properties as {
      coordinates: Schema;
    };
    expect(coordinates).toMatchObject({
      type: ['array', 'null'],
      items: { type: 'number' },
      minItems: 2,
      maxItems: 2,
    });
  });

  test('numbers have a format where they need one, constants are enums, objects name what they hold', () => {
    expect(where(({ type, format }) => [type].flat().includes('number') && format !== 'double')).toEqual([]);
    expect(where((schema) => 'const' in schema || 'propertyNames' in schema)).toEqual([]);
    expect(
      where(
        ({ type, enum: values }) =>
          Array.isArray(values) && !['string', 'integer'].includes([type].flat()[0] as string),
      ),
    ).toEqual([]);
    expect(
      where(
        ({ type, properties, additionalProperties }) =>
          [type].flat().includes('object') &&
          (typeof properties === 'object'
            ? Object.keys(properties!).length === 0
            : typeof additionalProperties !== 'object'),
      ),
    ).toEqual([]);
  });

  test('a body has no default: it would be taken for a field that must be there', () => {
    expect(
      Object.entries(described.document.components.schemas).filter(
        ([name, schema]) =>
          name.endsWith('Input') && [...schemas(schema)].some(([, one]) => 'default' in one),
      ),
    ).toEqual([]);
  });

  test('no two named enums share a value: in Go each value of one is a name of its own', () => {
    const enums = Object.entries(described.document.components.schemas).flatMap(
      ([name, { enum: values }]) =>
        (values as string[] | undefined)?.map((value) => [name, value.toUpperCase()]) ?? [],
    );
    const values = enums.map(([, value]) => value);
    expect(enums.filter(([, value], at) => values.indexOf(value) !== at)).toEqual([]);
    expect(Object.keys(described.document.components.schemas)).toEqual(
      expect.arrayContaining(['Status', 'EventType', 'Predicate', 'Stance']),
    );
  });

  test('objects are named, once', () => {
    const names = Object.keys(described.document.components.schemas);
    expect(
      where(({ type, properties }) => type === 'object' && properties !== undefined).filter(
        (path) => !names.some((name) => path === `/components/schemas/${name}`),
      ),
    ).toEqual([]);
    const contents = Object.values(described.document.components.schemas).map((schema) =>
      JSON.stringify(schema),
    );
    expect(new Set(contents).size).toBe(contents.length);
  });

  test('what comes in is closed, what goes out is open', () => {
    const closed = Object.entries(described.document.components.schemas).flatMap(([name, schema]) =>
      schema.additionalProperties === false ? [name] : [],
    );
    const objects = Object.entries(described.document.components.schemas).flatMap(([name, { type }]) =>
      name.endsWith('Input') && type === 'object' ? [name] : [],
    );
    expect(closed).toEqual(objects);
  });

  test('numbers and lists in queries are that', () => {
    for (const { schema } of parameters(({ name }) => name === 'limit'))
      expect(schema).toEqual({ type: 'integer', minimum: 1, maximum: 500, default: 50 });
    for (const { schema } of parameters(({ name }) => name === 'wait'))
      expect(schema).toEqual({ type: 'integer', minimum: 0, maximum: 30_000, default: 5000 });
    const lists = parameters(
      ({ in: where, name }) => where === 'query' && ['status', 'locations', 'types'].includes(name),
    );
    expect(lists.map(({ schema, style, explode }) => [schema.type, style, explode])).toEqual(
      lists.map(() => ['array', 'form', true]),
    );
    expect(lists.length).toBeGreaterThan(3);
    expect(parameters(({ schema }) => typeof schema.type !== 'string' && !('$ref' in schema))).toEqual([]);
  });
});

describe('/openapi.json tells people', () => {
  test('the name of each operation, a verb and what it is about', () => {
    const ids = operations().map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(
      ids.filter(
        (id) =>
          !(
            /^(record|retract|void|reinstate|correct|erase|register|add|remove|set|merge|unmerge|revoke|rotate|end)[A-Z]\w+$/.test(
              id,
            ) || /^(get|list|compare|count|export|retry|discard|follow|start|cancel|create)[A-Z]\w+$/.test(id)
          ),
      ),
    ).toEqual([]);
  });

  test('what every field and every parameter is', () => {
    const fields = Object.entries(described.document.components.schemas).flatMap(
      ([name, { properties = {} }]) =>
        Object.entries(properties as Record<string, Schema>).map(([field, schema]): [string, Schema] => [
          `${name}.${field}`,
          schema,
        ]),
    );
    const says = (schema: Schema): boolean =>
      typeof schema.description === 'string' ||
      '$ref' in schema ||
      (Array.isArray(schema.anyOf) && says(schema.anyOf[0] as Schema)) ||
      (Array.isArray(schema.enum) && schema.enum.length === 1);
    expect(fields.flatMap(([name, schema]) => (says(schema) ? [] : [name]))).toEqual([]);
    expect(parameters((one) => !('description' in one))).toEqual([]);
    expect(
      Object.entries(described.document.components.schemas).flatMap(([name, schema]) =>
        'description' in schema || 'enum' in schema ? [] : [name],
      ),
    ).toEqual([]);
  });

  test('that a write is answered alike, whether it is new or not', () => {
    const contents = operations().flatMap(({ responses }) =>
      responses[200] && responses[201]
        ? [[responses[200], responses[201]].map(({ content }) => content!['application/json'])]
        : [],
    );
    expect(contents.length).toBeGreaterThan(5);
    for (const [again, first] of contents)
      expect([again, first]).toEqual([first, { schema: { $ref: '#/components/schemas/Receipt' } }]);
  });

  test('all media types, JSON first', () => {
    const types = operations().map(
      ({ operationId, responses }) => [operationId, Object.keys(responses[200]?.content ?? {})] as const,
    );
    expect(
      Object.fromEntries(types.filter(([, of]) => of.length !== 1 || of[0] !== 'application/json')),
    ).toEqual({
      recordStatement: ['application/json', 'application/x-ndjson'],
      listLocations: ['application/json', 'application/geo+json'],
      getLocation: ['application/json', 'application/geo+json'],
      getTimeline: ['application/json', 'application/geo+json'],
      listStatements: ['application/json', 'application/geo+json'],
      getStatement: ['application/json', 'application/geo+json'],
      ...Object.fromEntries(
        ['exportLocations', 'exportStatements', 'exportChanges'].map((id) => [
          id,
          ['text/csv', 'application/x-ndjson', 'application/geo+json'],
        ]),
      ),
      listEvents: ['application/json', 'application/x-ndjson'],
      getCheckpoint: ['application/json', 'text/plain'],
      followStream: ['text/event-stream'],
      getMetrics: ['text/plain'],
      startReplay: [],
      cancelReplay: [],
      createKey: [],
      rotateKey: [],
      startSession: [],
      removeSession: [],
    });
  });

  /** They need no key, but one that is sent. */
  const KEY_MAY_BE_WRONG = ['startSession', 'getSession'];

  test('the role that each operation needs, how a key is sent, and that it may be refused', () => {
    const { securitySchemes } = described.document.components;
    expect(securitySchemes).toMatchObject({ key: { type: 'http', scheme: 'bearer' } });
    const said = Object.fromEntries(
      operations().map(({ operationId, security, description, responses }) => [
        operationId,
        {
          security,
          role: /It needs the role `(\w+)`/.exec(description)?.[1] ?? 'nothing',
          refused: [401, ...(responses[403]?.description?.includes('the role') ? [403] : [])].filter(
            (status) => responses[status],
          ),
        },
      ]),
    );
    const {
      getOpenApi: _openapi,
      getDocs: _docs,
      getPage: _page,
      startSignIn: _leaves,
      finishSignIn: _comesBack,
      ...needs
    } = NEEDS;
    expect(said).toEqual(
      Object.fromEntries(
        Object.entries(needs).map(([operation, role]) => [
          operation,
          role === 'nothing' || role === 'anyone'
            ? { security: [], role: 'nothing', refused: KEY_MAY_BE_WRONG.includes(operation) ? [401] : [] }
            : { security: [{ key: [] }], role, refused: [401, 403] },
        ]),
      ),
    );
  });

  test('what every request may be answered: unknown hosts, long parts of paths, pages of other origins', () => {
    const lacking = described
      .operations()
      .flatMap(([method, path, { operationId, responses }]) => [
        ...(!responses[421] && !['/healthz', '/readyz'].includes(path) ? [`${operationId} 421`] : []),
        ...(!responses[414] && path.includes('{') ? [`${operationId} 414`] : []),
        ...(!responses[403]?.description?.includes('another origin') && method !== 'get'
          ? [`${operationId} 403`]
          : []),
      ]);
    expect(lacking).toEqual([]);
  });

  test('where the service is, whatever path it is behind', () => {
    const { servers } = described.document as unknown as { servers: { url: string }[] };
    expect(servers.map(({ url }) => new URL(url, 'https://example.org/claims/openapi.json').href)).toEqual([
      'https://example.org/claims/',
    ]);
  });
});
