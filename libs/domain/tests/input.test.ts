import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { endOfPeriod, parseEnd, parseMoment } from '../src/values/time.js';
import { formatToken, parseToken } from '../src/values/token.js';
import { parseRetraction, parseStatement } from '../src/statement/statement.js';
import { parseRuleset } from '../src/ruleset.js';
import { upcast } from '../src/events/upcast.js';
import { type NewEvent } from '../src/events/events.js';
import { type StatementId } from '../src/values/identity.js';
import { NOW, ruleset } from './story.js';

const plain = {
  stance: 'assert',
  claim: { predicate: 'captured', actor: 'russia' },
  location: { name: 'Kupyansk', region: 'Kharkiv', country: 'ua' },
  speaker: { party: 'russia' },
  statedAt: '2025-11-20',
};

const faults = (change: object) => {
  const parsed = parseStatement({ ...plain, ...change }, NOW);
  return parsed.ok ? [] : parsed.refusal.errors!.map(({ pointer, detail }) => `${pointer} ${detail}`);
};

describe('a statement that comes in', () => {
  it.each<[object, string]>([
    [{ stance: 'maybe' }, '/stance must be one of "assert", "deny"'],
    [{ stance: undefined }, '/stance must be one of "assert", "deny"'],
    [{ claim: { predicate: 'liberated', actor: 'russia' } }, '/claim/predicate must be one of "captured"'],
    [{ claim: { predicate: 'captured' } }, '/claim/actor is required'],
    [{ claim: undefined }, '/claim is required'],
    [{ claim: 'captured' }, '/claim must be an object'],
    [
      { claim: { ...plain.claim, extent: { op: '>', percent: 100 } } },
      '/claim/extent/percent nothing is more than 100 %',
    ],
    [{ claim: { ...plain.claim, extent: { op: '=', percent: 0 } } }, '/claim/extent/percent must be above 0'],
    [
      { claim: { ...plain.claim, extent: { op: '=', percent: 101 } } },
      '/claim/extent/percent must be at most 100',
    ],
    [{ claim: { ...plain.claim, extent: { op: '=' } } }, '/claim/extent/percent is required with op'],
    [{ claim: { ...plain.claim, extent: {} } }, '/claim/extent needs op and percent, or part'],
    [
      { claim: { ...plain.claim, extent: { part: 'north', op: '=', percent: 3 } } },
      '/claim/extent/part cannot be given with',
    ],
    [{ colour: 'red' }, '/colour unknown field'],
    [{ claim: { ...plain.claim, 'a/b': 1 } }, '/claim/a~1b unknown field'],
    [JSON.parse('{"__proto__": {"a": 1}}') as object, ''],
    [{ location: {} }, '/location needs an id, a code or a name'],
    [{ location: { id: 'gn-1', name: 'Kupyansk' } }, '/location/id cannot be given with'],
    [{ location: { id: 'register' } }, '/location/id must not be "register"'],
    [{ location: { name: 'Kupyansk', country: 'Ukraine' } }, '/location/country must be a country code'],
    [{ location: { name: '   ' } }, '/location/name must not be empty'],
    [{ location: { name: 'x'.repeat(201) } }, '/location/name must have at most 200 characters'],
    [{ location: { name: 'Kup\u0000yansk' } }, '/location/name must not contain control characters'],
    [{ location: { name: 'Kup\uD800yansk' } }, '/location/name must be well-formed Unicode'],
    [{ speaker: undefined }, '/speaker is required'],
    [{ speaker: {} }, '/speaker is required'],
    [{ statedAt: undefined }, '/statedAt is required'],
    [{ statedAt: 5 }, '/statedAt must be a string'],
    [{ statedAt: 'yesterday' }, '/statedAt must be a year'],
    [{ statedAt: '2025-02-30' }, '/statedAt must be a year'],
    [{ statedAt: '2025-11-20T08:00:00' }, '/statedAt must be a year'],
    [{ statedAt: '2026-01-03' }, '/statedAt is more than a day in the future'],
    [{ source: { publishedAt: '2030' } }, '/source/publishedAt is more than a day in the future'],
    [{ statedAt: '0025-11-20' }, '/statedAt is before the year 1900'],
    [{ statedAt: '1899' }, '/statedAt is before the year 1900'],
    [{ statedAt: '0202-11' }, '/statedAt is before the year 1900'],
    [{ statedAt: ' 0025-11-20T08:00:00Z' }, '/statedAt is before the year 1900'],
    [
      { statedAt: undefined, source: { publishedAt: '0025-11-21' } },
      '/source/publishedAt is before the year 1900',
    ],
    [{ occurredAt: { from: '0025-11-20' } }, '/occurredAt/from has a year of two digits'],
    [{ occurredAt: { from: '2025-11-20', to: '0025-11-21' } }, '/occurredAt/to has a year of two digits'],
    [
      { occurredAt: { from: '2025-11-20', to: '2'.repeat(65) } },
      '/occurredAt/to must have at most 64 characters',
    ],
    [{ source: { url: 'javascript:alert(1)' } }, '/source/url must be an http'],
    [{ source: { span: { start: 5, end: 3 } } }, '/source/span/end must not be before start'],
    [{ occurredAt: { from: '2025-11-20', to: '2025-11-19' } }, '/occurredAt/to must not be before from'],
    [{ grading: { credibility: 7 } }, '/grading/credibility'],
    [{ extraction: { confidence: 2 } }, '/extraction/confidence'],
    [{ statementId: 'abc' }, '/statementId must be a UUID'],
    [{ by: 'x'.repeat(300) }, '/by must have at most'],
  ])('%j is refused with what is wrong', (change, expected) => {
    if (expected === '') expect(Object.keys(change)).toEqual(['__proto__']);
    else expect(faults(change)).toContainEqual(expect.stringContaining(expected));
  });

  const [ONE, TWO] = ['https://a.example/1', 'http://b.example/2?x=1'];
  it.each([
    ' ',
    '  ',
    '; ',
    ';',
    ',',
    ', ',
    '|',
    ' | ',
    '\t',
    '\n',
    '\r\n',
    '\u00a0',
    '\u3000',
    '\u2028',
    '\\',
    '、',
    '，',
    '；',
    '•',
    ' and ',
    ' / ',
    ';\u200b',
    '',
    '>, <',
    '")"',
  ])('refuses several links in one value, with %j between them', (between) => {
    for (const url of [
      ONE + between + TWO,
      TWO + between + ONE,
      ONE + between + TWO.toUpperCase(),
      `${ONE}${between}${TWO}${between}${ONE}`,
    ])
      expect(faults({ source: { url } })).toContainEqual(
        expect.stringContaining('/source/url must be one URL'),
      );
  });

  it.each([
    'https://a.example/1 (archived)',
    'https://a.example/1,www.b.example/2',
    'https://a.example/1;ftp://b.example/2',
    'https://a.example/1 b.example',
    'see https://a.example/1',
  ])('refuses %j, which is more than a link', (url) => {
    expect(faults({ source: { url } })).toEqual([expect.stringContaining('/source/url must be')]);
  });

  it.each([
    'https://web.archive.org/web/2022/https://example.org/a',
    'https://web.archive.org/web/20220301000000id_/http://example.org/a,b;c',
    'https://archive.example/https:/example.org/a',
    'https://example.org/a,b,1.html',
    'https://example.org/a;jsessionid=5,6?x=1;y=2',
    'https://example.org/?url=https://other.example/b&then=https://third.example',
    'https://example.org/search?q=cache:https://other.example/b',
    'https://example.org/search?https://other.example/b',
    'https://example.org/?next=%2Flogin%3Furl%3Dhttps://other.example/b',
    'https://example.org/?q=see%20https://other.example/b',
    'https://example.org/?titles=A|B',
    'https://example.org/#https://other.example/b',
    'https://example.org/about-https',
    'https://example.org/wiki/Купʼянськ_(місто)',
    'https://user@example.org:8080/a',
    ' https://example.org/trimmed ',
  ])('takes %j for one link', (url) => {
    expect(faults({ source: { url } })).toEqual([]);
  });

  it('takes times of statements from the year 1900 on, and earlier ones of what happened', () => {
    for (const change of [
      { statedAt: '1900' },
      { statedAt: '1900-01-01T00:00:00+02:00' },
      { statedAt: '1914-07-28', source: { publishedAt: '1900-01-01' } },
      { occurredAt: { from: '1783-04-19' } },
      { occurredAt: { from: '0988', to: '1654' } },
    ])
      expect(faults(change)).toEqual([]);
  });

  it('takes a text as long in NFC as is said, however it came in; what is far longer is not brought into NFC', () => {
    const decomposed = 'u\u0308\u0304'.repeat(200);
    const parsed = parseStatement({ ...plain, location: { name: decomposed } }, NOW);
    expect(parsed).toMatchObject({
      ok: true,
      value: { content: { location: { name: decomposed.normalize('NFC') } } },
    });
    const long = '/location/name must have at most 200 characters';
    expect(faults({ location: { name: `${decomposed}${decomposed}` } })).toEqual([long]);
    expect(faults({ location: { name: `a${'\u0301'.repeat(800)}` } })).toEqual([long]);
  });

  it('takes as many combining marks in a row as any script has', () => {
    const marked = (marks: number) => ({ location: { name: `a${'\u0301'.repeat(marks)}` } });
    expect(faults(marked(100))).toEqual([]);
    expect(faults(marked(101))).toEqual([
      '/location/name must not have more than 100 combining marks in a row',
    ]);
  });

  it('names every wrong field at once', () => {
    expect(
      faults({ stance: 1, claim: { predicate: 'x', actor: 2 }, statedAt: '2030-01-01', colour: 1 }),
    ).toHaveLength(5);
    expect(parseStatement(null, NOW).ok).toBe(false);
    expect(parseStatement([], NOW).ok).toBe(false);
  });

  it('is known by its content: form, grading, extraction and who sent it do not count', () => {
    const id = (change: object) => {
      const parsed = parseStatement({ ...plain, ...change }, NOW);
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.refusal));
      return parsed.value;
    };
    const base = id({});
    expect(
      id({ by: 'worker-7', reason: 'import', grading: { reliability: 'B' }, extraction: { confidence: 0.5 } })
        .id,
    ).toBe(base.id);
    expect(
      id({ location: { name: ' Kupyansk ', region: 'Kharkiv', country: 'UA' }, via: [], source: {} }).id,
    ).toBe(base.id);
    expect(id({ claim: { ...plain.claim, modality: 'actual', certainty: 'plain' } }).id).toBe(base.id);
    expect(id({ statementId: '0B0C9A7E-5F0E-4D5C-9B0E-6F1F2F8A7C11' })).toMatchObject({
      id: '0b0c9a7e-5f0e-4d5c-9b0e-6f1f2f8a7c11',
      digest: base.digest,
    });
    expect(id({ statedAt: '2025-11-20T00:00:00Z' }).id).not.toBe(base.id);
    expect(id({ statedAt: '2025-11-20T02:00:00+02:00' }).id).toBe(
      id({ statedAt: '2025-11-20T00:00:00.0001Z' }).id,
    );
    expect(id({ stance: 'deny' }).id).not.toBe(base.id);
    expect(id({ location: { name: 'Й' } }).id).toBe(id({ location: { name: 'И\u0306' } }).id);
  });

  it('takes the time that is missing from the other', () => {
    const parsed = parseStatement({ ...plain, statedAt: undefined, source: { publishedAt: '2025-11' } }, NOW);
    expect(parsed).toMatchObject({
      value: {
        content: {
          statedAt: '2025-11-01T00:00:00.000Z',
          statedPrecision: 'month',
          publishedPrecision: 'month',
        },
      },
    });
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(
        fc.anything(),
        fc.dictionary(fc.constantFrom(...Object.keys(plain), 'source', 'via', 'occurredAt'), fc.anything()),
        (value, fields) => {
          parseStatement(value, NOW);
          parseStatement({ ...plain, ...fields }, NOW);
          parseRetraction('x' as StatementId, value, NOW);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('times', () => {
  it('a date stands for its start when it is said, for its end when it is asked', () => {
    expect(parseMoment('2024-02-29')).toEqual({ at: '2024-02-29T00:00:00.000Z', precision: 'day' });
    expect(parseMoment('2024-02-29T10:00:00.123999-05:30')).toEqual({
      at: '2024-02-29T15:30:00.123Z',
      precision: 'time',
    });
    expect(['2024', '2024-02', '2024-02-29', '2024-02-29T10:00Z'].map(parseEnd)).toEqual([
      '2024-12-31T23:59:59.999Z',
      '2024-02-29T23:59:59.999Z',
      '2024-02-29T23:59:59.999Z',
      '2024-02-29T10:00:00.000Z',
    ]);
    for (const wrong of [
      '',
      '0000',
      '2023-02-29',
      '2023-13',
      '2023-01-01T24:00Z',
      '2023-01-01T00:00:60Z',
      '0001-01-01T00:00:00+01:00',
      '9999-12-31T23:59:59-01:00',
      '2023-1-1',
      '20230101',
    ])
      expect(parseMoment(wrong)).toBeUndefined();
  });

  it('reads back every instant it writes, and its end is never before its start', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date('0001-01-01'), max: new Date('9999-12-31'), noInvalidDate: true }),
        (date) => {
          expect(parseMoment(date.toISOString())).toEqual({ at: date.toISOString(), precision: 'time' });
          const day = parseMoment(date.toISOString().slice(0, 10))!;
          expect(endOfPeriod(day) >= day.at).toBe(true);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('rulesets', () => {
  it('read parties by id or any of their names', () => {
    expect(ruleset.party('Donetsk People’s Republic')).toMatchObject({ id: 'dnr', side: 'side:russia' });
    expect(ruleset.party('ukraine')).toMatchObject({ id: 'ukraine', side: 'side:ukraine' });
    expect(ruleset.party('Somebody')).toMatchObject({ id: 'Somebody', side: 'party:somebody', known: false });
  });

  it('are refused with every fault', () => {
    const parsed = parseRuleset({
      version: '1',
      sides: [
        { id: 'a', name: 'A', adversaries: ['z'] },
        { id: 'a', name: 'A' },
      ],
      parties: [
        { id: 'p', side: 'q', names: ['x'] },
        { id: 'r', side: 'a', names: ['X '] },
        { id: 'a', side: 'b' },
      ],
    });
    expect(parsed).toMatchObject({ ok: false });
    if (!parsed.ok)
      expect(parsed.faults.map(({ pointer }) => pointer).toSorted()).toEqual(
        [
          '/parties/0/side',
          '/parties/1/names/0',
          '/parties/2/side',
          '/parties/2/side',
          '/sides/0/adversaries/0',
          '/sides/1/id',
        ].toSorted(),
      );
    expect(parseRuleset('x')).toMatchObject({ ok: false });
  });
});

describe('stored events of an older schema', () => {
  const stored = {
    eventId: 'e',
    type: 'claim.asserted',
    schemaVersion: 1,
    stream: 's',
    data: { place: 'Kupyansk' },
  } as unknown as NewEvent;

  it('are upcast step by step, and the stored one stays as it is', () => {
    const by = {
      'claim.asserted': {
        1: (data: unknown) => ({ location: { name: (data as { place: string }).place } }),
        2: (data: unknown) => ({ ...(data as object), added: true }),
      },
    };
    expect(upcast(stored, by)).toMatchObject({
      schemaVersion: 3,
      data: { location: { name: 'Kupyansk' }, added: true },
    });
    expect(stored.schemaVersion).toBe(1);
  });

  it('are refused where this version cannot read them', () => {
    expect(() => upcast({ ...stored, schemaVersion: 2 })).toThrow('schema version 2');
    expect(() => upcast({ ...stored, type: 'claim.doubted' as never })).toThrow('unknown type');
  });
});

describe('tokens', () => {
  it('are read back as they are written', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.nat({ max: 1023 }).map(String), fc.nat()), (parts) => {
        const token = new Map(Object.entries(parts).map(([shard, position]) => [Number(shard), position]));
        expect(parseToken(formatToken(token))).toEqual(token);
      }),
    );
    for (const wrong of ['1', '1:', ':1', '1:2,', '1:2,1:3', '-1:2', '1:2.5', 'a:b', '01:2'])
      expect(parseToken(wrong)).toBeUndefined();
  });
});
