import { describe, expect, it } from '@jest/globals';
import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { v5 } from 'uuid';
import { z } from 'zod';
import { sortShort } from '../src/state/sort-short.js';
import { claimEvent } from '../src/decisions/decide.js';
import { eventText } from '../src/events/events.js';
import {
  parseRetraction,
  parseStatement,
  retractionSchema,
  statementSchema,
} from '../src/statement/statement.js';
import { fold, isInvisible } from '../src/values/fold.js';
import {
  canonicalJson,
  claimEventId,
  provisionalId,
  rewriteFields,
  shardOf,
  writeFields,
  type LocationId,
  type StatementId,
} from '../src/values/identity.js';
import { text } from '../src/values/text.js';
import { endOfPeriod, parseMoment } from '../src/values/time.js';
import { NOW } from './story.js';

const STATEMENTS = '2d1f0c36-5f0e-4d5c-9b0e-6f1f2f8a7c11';
const RETRACTIONS = '7c9a4a0e-3f7b-4f5e-8a53-0c6a2f4c9e27';
const EVENTS = '93c5b1b4-2f4a-4c39-9a5e-5f0d6b7e8c42';
const PLACES = 'b86e1f5a-7d3c-4b8f-a1c9-2e4d6f8a0b63';
const TARGET = '11111111-2222-4333-8444-555555555555' as StatementId;

const at = (...codes: number[]) => String.fromCodePoint(...codes);

/** A character or more of every kind that a field of text treats in a way of its own. */
const PIECES = [
  [
    'a',
    'Z',
    '7',
    ' ',
    '-',
    "'",
    '"',
    '\\',
    '/',
    ',',
    ';',
    '|',
    '~',
    ':',
    '@',
    '`',
    '%41',
    'é',
    'ß',
    'Ж',
    'Ʒ',
  ],
  ['Куп’янськ', 'الفاشر', 'ခင်ဦး', '東京', '😀', '👩‍👧', 'e\u0301', '\u0301', '\u1100\u1161', '\u212B'],
  ['\uD800', '\uDC00', '\uDE00\uD83D'],
  // Controls, white space, invisible characters, and those that change the direction.
  [0, 9, 10, 13, 0x1f, 0x7f, 0x80, 0x85, 0x9f].map((code) => at(code)),
  [0xa0, 0x1680, 0x2003, 0x2028, 0x3000, 0xfeff, 0x180e].map((code) => at(code)),
  [0xad, 0x34f, 0x61c, 0x640, 0x200b, 0x200d, 0x200f, 0x2060, 0xfe0f, 0xe0041].map((code) => at(code)),
  [0x202a, 0x202e, 0x2066, 0x2069].map((code) => at(code)),
].flat();
const pieces = fc.array(fc.constantFrom(...PIECES), { maxLength: 8 }).map((parts) => parts.join(''));
const padded = fc
  .tuple(fc.constantFrom('', ' ', '\n', at(0xfeff), at(0x200b)), fc.string(), fc.constantFrom('', ' ', '\t'))
  .map((parts) => parts.join(''));
const longText = fc
  .tuple(
    fc.constantFrom('x', ' ', '😀', 'e\u0301'),
    fc.constantFrom(35, 40, 64, 100, 199, 200, 201, 300, 500, 2000, 2048),
  )
  .map(([character, times]) => character.repeat(times));
const number = (most: number) => fc.integer({ min: 0, max: most });
const digits = (most: number, length: number) =>
  number(most).map((value) => String(value).padStart(length, '0'));
const times = fc
  .tuple(
    fc.oneof(digits(9999, 4), fc.constantFrom('1899', '1900', '2024', '2025', '0001', '9999')),
    fc.tuple(...[13, 32, 24, 60, 60].map((most) => digits(most, 2))),
    fc.constantFrom('', '.5', ',250', '.123456789', '.1234567890'),
    fc.constantFrom('Z', 'z', '', '+00:00', '-00:00', '+02:00', '-0530', '+23:59', '+24:00', '-13:61'),
    fc.constantFrom(4, 7, 10, 16, 19, 30, 30, 30),
  )
  .map(([year, [month, day, hour, minute, second], fraction, offset, length]) => {
    const whole = `${year}-${month}-${day}T${hour}:${minute}:${second}${fraction}`.slice(0, length);
    return length > 10 ? whole + offset : whole;
  });
const urls = fc
  .tuple(
    fc.constantFrom(
      'https://',
      'HTTP://',
      'http:',
      'ht\ttp://',
      'https:\\\\',
      'ftp://',
      'javascript:',
      '',
      'https://[::1',
    ),
    fc.constantFrom('a.example', 'example.org/a', 'приклад.укр/а', 'a.example/https://b.example/'),
    fc.constantFrom(
      '',
      '?u=http://c.example',
      ',www.d.example',
      '; https://e.example',
      ' x',
      '#https://f.example',
      '|a://b',
    ),
  )
  .map((parts) => parts.join(''));
const strings = fc.oneof(pieces, padded, longText, times, urls, fc.string({ unit: 'binary' }));
const usual = fc.constantFrom(
  'Kupyansk',
  ' Куп’янськ ',
  'e\u0301a',
  '😀 x',
  '2025-11-20T08:00:00.000Z',
  '2025-11-02',
);
const wrong = fc.oneof(
  strings,
  fc.constantFrom(undefined, null, true, 0, -1, 1.5, NaN, Infinity, 1e300, '', [], {}),
  fc.jsonValue({ maxDepth: 2 }),
);

/** Values that a schema takes, most of them, and some that it nearly takes; with every one of its fields. */
function inputs(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  const { def } = schema._zod as z.core.$ZodTypes['_zod'];
  const examples = z.globalRegistry.get(schema as z.ZodType)?.examples as unknown[] | undefined;
  const right = (): fc.Arbitrary<unknown> => {
    switch (def.type) {
      case 'object': {
        const fields = Object.entries(def.shape).map(([key, field]) => [key, inputs(field)] as const);
        const requiredKeys = Object.keys(def.shape).filter((key) => def.shape[key]!._zod.optin === undefined);
        const having = (...more: string[]) =>
          fc.record(Object.fromEntries(fields), { requiredKeys: [...requiredKeys, ...more] });
        const few = fc
          .tuple(having(...Object.keys(def.shape)), fc.constantFrom(...Object.keys(def.shape)))
          .map(([all, one]) =>
            Object.fromEntries(
              Object.entries(all).filter(([key]) => key === one || requiredKeys.includes(key)),
            ),
          );
        const unknown = fc.constantFrom('colour', 'a/b', '__proto__', 'constructor', '0');
        return fc.oneof(
          { weight: 30, arbitrary: having() },
          { weight: 30, arbitrary: few },
          {
            weight: 1,
            arbitrary: fc
              .tuple(having(), unknown)
              .map(([given, key]) => Object.defineProperty(given, key, { value: 1, enumerable: true })),
          },
        );
      }
      case 'optional':
      case 'default':
        return fc.oneof(
          { weight: 1, arbitrary: fc.constant(undefined) },
          { weight: 9, arbitrary: inputs(def.innerType) },
        );
      case 'pipe':
        return inputs(def.in);
      case 'enum':
        return fc.constantFrom(...Object.values(def.entries));
      case 'array':
        return fc.array(inputs(def.element), { maxLength: 22, size: 'small' });
      case 'tuple':
        return fc.tuple(...def.items.map((item) => inputs(item)));
      case 'number':
        return fc.oneof(
          { weight: 20, arbitrary: fc.constant(1) },
          fc.double({ min: -181, max: 181, noNaN: true }),
          fc.constantFrom(-0, 0, 6, 80, 100, 0.5, 1e-7),
        );
      case 'string': {
        const patterns = (def.checks ?? []).flatMap(({ _zod: { def } }) =>
          'pattern' in def ? [def.pattern as RegExp] : [],
        );
        return patterns.length > 0
          ? fc.stringMatching(patterns[0]!)
          : fc.oneof({ weight: 40, arbitrary: usual }, { weight: 1, arbitrary: strings });
      }
      default:
        throw new Error(`a schema of type ${def.type}: say here which values it takes`);
    }
  };
  return fc.oneof(
    { weight: examples ? 40 : 0, arbitrary: fc.constantFrom(...(examples ?? [undefined])) },
    { weight: examples ? 10 : 50, arbitrary: right() },
    { weight: 1, arbitrary: wrong },
  );
}

/** The paths of the fields of a value, without those in arrays. */
const pathsOf = (value: unknown, path = ''): string[] =>
  typeof value !== 'object' || value === null || Array.isArray(value)
    ? []
    : Object.entries(value).flatMap(([key, field]) =>
        field === undefined ? [] : [`${path}/${key}`, ...pathsOf(field, `${path}/${key}`)],
      );

/** The paths of all fields of a schema, likewise. */
function fieldsOf(schema: z.core.$ZodType, path = ''): string[] {
  const { def } = schema._zod as z.core.$ZodTypes['_zod'];
  if (def.type === 'object')
    return Object.entries(def.shape).flatMap(([key, field]) => [
      `${path}/${key}`,
      ...fieldsOf(field, `${path}/${key}`),
    ]);
  if (def.type === 'optional' || def.type === 'default') return fieldsOf(def.innerType, path);
  return def.type === 'pipe' ? fieldsOf(def.in, path) : [];
}

/** The text of a value with the order of its fields, also of those that are undefined. */
const inOrder = (value: unknown) =>
  JSON.stringify(value, (_key, field: unknown) => (field === undefined ? '(undefined)' : field));

describe.each([
  ['statement', statementSchema],
  ['retraction', retractionSchema],
])('the compiled schema of a %s', (_name, schema: z.ZodType) => {
  const compiled = z.compile(schema, { strict: true });

  it('reads every value as the schema does, and names the same faults', () => {
    const read = new Set<string>();
    let wrong = 0;
    fc.assert(
      fc.property(inputs(schema), (input) => {
        const [fast, slow] = [compiled.safeParse(input), schema.safeParse(input)];
        expect(fast.error?.issues).toStrictEqual(slow.error?.issues);
        expect(inOrder(fast.data)).toBe(inOrder(slow.data));
        if (slow.success) for (const path of pathsOf(input)) read.add(path);
        else wrong += 1;
      }),
      { numRuns: 2000 },
    );
    // Every field that the schema has was read by both.
    expect([...read].toSorted()).toEqual([...fieldsOf(schema)].toSorted());
    expect(wrong).toBeGreaterThan(100);
  });
});

describe('what a valid statement or retraction is identified by', () => {
  it('is made of the canonical JSON of its content, as the libraries make it', () => {
    fc.assert(
      fc.property(inputs(statementSchema), (input) => {
        const parsed = parseStatement(input, NOW);
        fc.pre(parsed.ok);
        const { id, digest, content } = parsed.value;
        const canonical = canonicalize(content)!;
        expect(digest).toEqual(createHash('sha256').update(canonical).digest());
        const own = (input as { statementId?: string }).statementId;
        expect(id).toBe(own?.toLowerCase() ?? v5(canonical, STATEMENTS));
        expect(claimEventId(id)).toBe(v5(id, EVENTS));
      }),
    );
    fc.assert(
      fc.property(inputs(retractionSchema), (input) => {
        const parsed = parseRetraction(TARGET, input, NOW);
        fc.pre(parsed.ok);
        const canonical = canonicalize({ statementId: TARGET, ...parsed.value.content })!;
        expect(parsed.value.digest).toEqual(createHash('sha256').update(canonical).digest());
        const own = (input as { retractionId?: string }).retractionId;
        expect(parsed.value.id).toBe(own?.toLowerCase() ?? v5(canonical, RETRACTIONS));
      }),
    );
  });
});

describe('the text of an event', () => {
  it('is its canonical JSON, whatever of it is copied from the text of the content', () => {
    const isCopied = { whole: 0, inPart: 0 };
    fc.assert(
      fc.property(inputs(statementSchema), fc.boolean(), (input, corrects) => {
        const parsed = parseStatement(input, NOW);
        fc.pre(parsed.ok);
        const { content, written } = parsed.value;
        const event = claimEvent(parsed.value, 'gn-1' as LocationId, 'salt');
        if (corrects) event.data = { ...event.data, corrects: TARGET };
        expect(eventText(event, written)).toBe(canonicalize(event));
        expect(eventText(event)).toBe(canonicalize(event));
        isCopied[event.data.source === content.source ? 'whole' : 'inPart'] += 1;
      }),
    );
    expect(isCopied.whole).toBeGreaterThan(0);
    expect(isCopied.inPart).toBeGreaterThan(0);
  });
});

describe('objects with fields in common', () => {
  it('are written as each would be alone', () => {
    const fields = fc.dictionary(fc.constantFrom(...'abcdefgh'), fc.constantFrom(1, 'x', [2], { y: 3 }));
    fc.assert(
      fc.property(fields, fields, fc.subarray([...'abcdefgh']), (one, other, common) => {
        const shared = { ...other, ...Object.fromEntries(common.map((key) => [key, one[key]])) };
        expect(writeFields(one).text).toBe(canonicalize(one));
        expect(rewriteFields(shared, writeFields(one))).toBe(canonicalize(shared));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the short ways', () => {
  const key = fc.oneof(
    fc.constantFrom(
      '',
      '0',
      '10',
      '9',
      '-1',
      ':',
      '__proto__',
      'constructor',
      'toJSON',
      '\uD800',
      '😀',
      '\uE000',
      'é',
    ),
    fc.string({ unit: 'binary', maxLength: 3 }),
  );
  const leaf = fc.oneof(
    fc.constantFrom(null, -0, 1e21, 1e-7, 2 ** 53, 333333333.3333333),
    fc.double({ noDefaultInfinity: true, noNaN: true }),
    fc.string({ unit: 'binary' }),
    fc.boolean(),
  );
  const { json } = fc.letrec((tie) => ({
    json: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(key, fc.oneof({ weight: 9, arbitrary: tie('json') }, fc.constant(undefined)), {
        maxKeys: 30,
      }),
      fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,3}$/), tie('json'), { maxKeys: 5 }),
    ),
  }));
  it('canonical JSON is that of the library', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
      { numRuns: 2000 },
    );
  });

  it.each([undefined, NaN, Infinity, Symbol.iterator, 5n, () => 1, new Date(0)])('%p is no JSON', (value) => {
    for (const given of [value, [value], { a: [{ b: value ?? [value] }] }])
      expect(() => canonicalJson(given)).toThrow(TypeError);
  });

  it('ids of places are the UUIDv5 of the library', () => {
    fc.assert(
      fc.property(strings, (name) => {
        const folded = (JSON.parse(canonicalJson([fold(name), null, null])) as unknown[])[0];
        expect(provisionalId(name)).toBe(v5(canonicalize([folded, null, null])!, PLACES));
      }),
    );
  });

  it('the shard of a stream is the same at the first and at any later time', () => {
    fc.assert(
      fc.property(strings, number(100), (stream, more) => {
        const first = createHash('sha256').update(stream).digest().readUInt32BE(0);
        for (const shards of [1, 16, more + 1, 16]) expect(shardOf(stream, shards)).toBe(first % shards);
      }),
    );
  });

  it('texts are in NFC and trimmed, and seen as invisible by the same rule, whatever they consist of', () => {
    fc.assert(
      fc.property(strings, (value) => {
        const read = text(3000, { lines: true }).safeParse(value);
        if (read.success) expect(read.data).toBe(value.normalize('NFC').trim());
        const invisible = /[\p{Cf}\p{Default_Ignorable_Code_Point}\u0640]+/gu;
        expect(isInvisible(value)).toBe(value.replace(invisible, '').trim() === '');
      }),
    );
  });

  it('moments are those that Date counts', () => {
    fc.assert(
      fc.property(times, (value) => {
        const read = parseMoment(value);
        fc.pre(read !== undefined && read.precision !== 'year' && read.precision !== 'month');
        expect(read.at).toBe(
          new Date(
            value
              .toUpperCase()
              .replace(',', '.')
              .replace(/([+-]\d\d)(\d\d)$/, '$1:$2'),
          ).toISOString(),
        );
        expect(new Date(endOfPeriod(read)).toISOString()).toBe(endOfPeriod(read));
      }),
    );
  });
});

describe('Short lists', () => {
  it('are sorted as the engine sorts them, items that compare alike in their order', () => {
    const byKey = (a: { key: number }, b: { key: number }) => a.key - b.key;
    fc.assert(
      fc.property(fc.array(fc.record({ key: fc.nat(5), at: fc.nat() }), { maxLength: 40 }), (list) => {
        expect(sortShort([...list], byKey)).toEqual(list.toSorted(byKey));
      }),
    );
  });
});
