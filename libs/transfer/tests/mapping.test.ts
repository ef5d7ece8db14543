import { describe, expect, it } from '@jest/globals';
import { DateForm } from '../src/import/date-form.js';
import { csvLines, mappedLines } from '../src/import/mapped-lines.js';
import { Mapping } from '../src/import/mapping.js';
import { STATEMENT_FIELDS } from '../src/import/statement-fields.js';

const MAPPING = {
  columns: {
    Ort: '/location/name',
    Datum: { to: '/statedAt', date: 'D.M.YYYY HH:mm', offset: '+02:00' },
    Wer: [
      '/speaker/name',
      { to: '/speaker/party', values: { 'A. Koval': 'ukraine', Niemand: null }, otherwise: 'keep' },
    ],
    Was: [
      { to: '/claim/predicate', values: { nimmt: 'captured', verliert: 'lost' } },
      { to: '/stance', values: { nimmt: 'assert', verliert: 'deny' } },
    ],
    Prozent: ['/claim/extent/percent', { to: '/claim/extent/op', value: '>' }],
    Wege: { to: '/via', separator: '/' },
    Sprache: { to: '/source/language', values: { D: 'de' }, otherwise: 'leave-out' },
  },
  constants: { '/location/country': 'UA', '/claim/actor': 'russia', '/by': 'import' },
  empty: ['-', 'k. A.'],
  delimiter: ';',
};

function mappingOf(json: unknown): Mapping {
  const parsed = Mapping.parse(json);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.mapping;
}

async function* bytes(text: string) {
  yield Buffer.from(text);
}

async function itemsOf(text: string, mapping?: Mapping) {
  const items = [];
  for await (const item of csvLines(bytes(text), mapping)) items.push(item);
  return items;
}

describe('a mapping', () => {
  it('knows every field of a statement', () => {
    expect(Object.fromEntries(STATEMENT_FIELDS)).toMatchObject({
      '/stance': 'text',
      '/claim/extent/percent': 'number',
      '/claim/extent/part': 'text',
      '/location/id': 'text',
      '/via': 'list',
      '/statedAt': 'time',
      '/source/publishedAt': 'time',
      '/source/span/start': 'number',
      '/occurredAt/precision': 'text',
      '/grading/credibility': 'number',
      '/extraction/confidence': 'number',
      '/reason': 'text',
    });
  });

  it('makes statements of rows: values, dates, numbers, lists, constants, and cells that mean nothing', async () => {
    const text =
      'Was;Wer;Ort;Datum;Prozent;Wege;Sprache;Rest\n' +
      'nimmt;A. Koval;"Kupjansk; Stadt";1.11.2025 08:30;80;TASS / RIA;D;x\n' +
      'verliert;Niemand;Wowtschansk;21.11.2025 23:59;-;;F;\n';
    const [one, two] = await itemsOf(text, mappingOf(MAPPING));
    expect(one).toEqual({
      line: 2,
      input: {
        ok: true,
        value: {
          stance: 'assert',
          claim: { predicate: 'captured', actor: 'russia', extent: { op: '>', percent: 80 } },
          location: { name: 'Kupjansk; Stadt', country: 'UA' },
          statedAt: '2025-11-01T08:30:00+02:00',
          speaker: { name: 'A. Koval', party: 'ukraine' },
          via: ['TASS', 'RIA'],
          source: { language: 'de' },
          by: 'import',
        },
      },
    });
    expect(two).toMatchObject({
      line: 3,
      input: { value: { stance: 'deny', speaker: { name: 'Niemand' }, claim: { predicate: 'lost' } } },
    });
    expect(two!.input).not.toHaveProperty('value.claim.extent');
    expect(two!.input).not.toHaveProperty('value.speaker.party');
    expect(two!.input).not.toHaveProperty('value.source');
  });

  it('cuts times to the precision that another column names', async () => {
    const mapping = mappingOf({
      columns: {
        date: { to: '/statedAt', date: 'DD.MM.YYYY', precision: 'how' },
        out: { to: '/source/publishedAt', precision: 'how' },
      },
    });
    const items = await itemsOf(
      'date,how,out\n05.11.2025,month,2025-11-07T10:00:00Z\n05.11.2025,,2025-11-07T10:00:00Z\n05.11.2025,week,\n',
      mapping,
    );
    expect(items).toMatchObject([
      { input: { value: { statedAt: '2025-11', source: { publishedAt: '2025-11' } } } },
      { input: { value: { statedAt: '2025-11-05', source: { publishedAt: '2025-11-07T10:00:00Z' } } } },
      {
        input: {
          refusal: {
            detail:
              '/statedAt (column "date") has the precision "week", which is none of year, month, day, time',
          },
        },
      },
    ]);
  });

  it('names every cell that cannot be read, and the line on which the row begins', async () => {
    const text =
      'Was;Wer;Ort;Datum;Prozent;Wege;Sprache\nnimmt;x;"two\nlines";1.11.2025 08:30;;;\nfliegt;x;y;heute;viel;;\nnimmt;x;y\n"offen;x\n';
    const items = await itemsOf(text, mappingOf(MAPPING));
    expect(items.map(({ line, input }) => [line, input.ok || input.refusal])).toEqual([
      [2, true],
      [
        4,
        {
          code: 'line-malformed',
          detail: '4 cells cannot be read',
          errors: [
            { pointer: '/statedAt', detail: '(column "Datum") "heute" is not of the form D.M.YYYY HH:mm' },
            {
              pointer: '/claim/predicate',
              detail: '(column "Was") "fliegt" is none of the values that the mapping names',
            },
            {
              pointer: '/stance',
              detail: '(column "Was") "fliegt" is none of the values that the mapping names',
            },
            { pointer: '/claim/extent/percent', detail: '(column "Prozent") "viel" is not a number' },
          ],
        },
      ],
      [5, expect.objectContaining({ detail: 'the row has 3 cells, the header has 7' })],
      [6, expect.objectContaining({ detail: 'the row has a quote that is not closed' })],
    ]);
  });

  it('makes of a row with several links a statement for each, all alike but for the link', async () => {
    const sources = mappingOf({
      columns: { Ort: '/location/name', Von: '/source/outlet', Rest: '/via' },
      sources: { column: 'Links' },
      empty: ['-'],
      delimiter: '\t',
    });
    const [A, B, C] = [
      'https://a.example/1,2;3|4',
      'http://web.archive.example/2022/https://b.example/x?u=https://c.example',
      'https://c.example',
    ];
    const cells = [
      `${A} ${B}`,
      `${A}; ${B};`,
      ` ${A},${B}|${C} `,
      `${A};${A}`,
      B,
      '-',
      '',
      ' ; ',
      'no link, none',
      `${A} and ${B}`,
    ];
    const items = await itemsOf(
      `Ort\tVon\tRest\tLinks\n${cells.map((cell) => `X\tO\tv;w\t${cell}`).join('\n')}\nX\tO\tv\t"${A}\n${B}"\nX\tO\n`,
      sources,
    );
    const urls = items.map(({ line, link, input }) => [
      line,
      link,
      input.ok ? (input.value as { source: { url?: string } }).source.url : input.refusal.code,
    ]);
    expect(urls).toEqual([
      [2, A, A],
      [2, B, B],
      [3, A, A],
      [3, B, B],
      [4, A, A],
      [4, B, B],
      [4, C, C],
      [5, undefined, A],
      [6, undefined, B],
      [7, undefined, undefined],
      [8, undefined, undefined],
      [9, undefined, undefined],
      // The log refuses a text that is not a link.
      [10, undefined, 'no link, none'],
      [11, `${A} and`, `${A} and`],
      [11, B, B],
      [12, A, A],
      [12, B, B],
      [14, undefined, 'line-malformed'],
    ]);
    expect(items.slice(0, 2).map(({ input }) => input)).toEqual(
      [A, B].map((url) => ({
        ok: true,
        value: { location: { name: 'X' }, source: { outlet: 'O', url }, via: ['v', 'w'] },
      })),
    );
  });

  it('takes links of a list of NDJSON, and between separators that it names; a row that cannot be read is reported once', async () => {
    const mapping = mappingOf({
      columns: { share: '/claim/extent/percent' },
      sources: { column: '/seen/at', separator: '..' },
    });
    const rows = [
      { seen: { at: ['https://a.example/', 'https://b.example/ '] } },
      { seen: { at: 'https://a.example/..https://b.example/, c' } },
      { seen: { at: [{}] } },
      { seen: { at: Array.from({ length: 101 }, (_, n) => `https://${n}.example`) } },
      { share: 'x', seen: { at: 'https://a.example/..https://b.example/' } },
      {},
    ];
    const items = [];
    for await (const item of mappedLines(bytes(rows.map((row) => JSON.stringify(row)).join('\n')), mapping))
      items.push(item);
    expect(items.map(({ line, input }) => [line, input.ok ? input.value : input.refusal.detail])).toEqual([
      [1, { source: { url: 'https://a.example/' } }],
      [1, { source: { url: 'https://b.example/' } }],
      [2, { source: { url: 'https://a.example/' } }],
      [2, { source: { url: 'https://b.example/, c' } }],
      [3, expect.stringMatching(/^\/source\/url \(column "\/seen\/at"\) is an object/)],
      [4, '/source/url (column "/seen/at") has 101 links: 100 at the most'],
      [5, expect.stringContaining('"x" is not a number')],
      [6, {}],
    ]);
  });

  it('takes NDJSON of other shapes, by names and by pointers', async () => {
    const mapping = mappingOf({
      columns: { '/place/title': '/location/name', share: '/claim/extent/percent', tags: '/via' },
    });
    const items = [];
    for await (const item of mappedLines(
      bytes(
        '{"place":{"title":"Kupiansk"},"share":80.5}\n{"share":null,"tags":["a","b"]}\n{"share":[1]}\n7\n{',
      ),
      mapping,
    ))
      items.push(item);
    expect(items).toMatchObject([
      { line: 1, input: { value: { location: { name: 'Kupiansk' }, claim: { extent: { percent: 80.5 } } } } },
      { line: 2, input: { ok: true, value: { via: ['a', 'b'] } } },
      {
        line: 3,
        input: {
          refusal: { detail: '/claim/extent/percent (column "share") is a list, not a text or a number' },
        },
      },
      { line: 4, input: { ok: true, value: {} } },
      { line: 5, input: { refusal: { code: 'line-malformed' } } },
    ]);
  });

  it('takes coordinates of GeoJSON whole, and of two columns of a table', async () => {
    const geometry = mappingOf({
      columns: { '/properties/name': '/location/name', '/geometry/coordinates': '/location/coordinates' },
    });
    const features = [
      { properties: { name: 'Hama' }, geometry: { type: 'Point', coordinates: [36.75, 35.13] } },
      { geometry: { coordinates: [[1, 2]] } },
      { geometry: { coordinates: ['a', 2] } },
    ];
    const items = [];
    for await (const item of mappedLines(
      bytes(features.map((one) => JSON.stringify(one)).join('\n')),
      geometry,
    ))
      items.push(item);
    expect(items).toMatchObject([
      { input: { value: { location: { name: 'Hama', coordinates: [36.75, 35.13] } } } },
      { input: { refusal: { errors: [{ pointer: '/location/coordinates' }] } } },
      {
        input: {
          refusal: {
            errors: [
              { pointer: '/location/coordinates', detail: expect.stringContaining('"a" is not a number') },
            ],
          },
        },
      },
    ]);
    const table = mappingOf({ columns: { x: '/location/coordinates/0', y: '/location/coordinates/1' } });
    expect(await itemsOf('x,y\n36.75,-35.13\n', table)).toMatchObject([
      { input: { value: { location: { coordinates: [36.75, -35.13] } } } },
    ]);
  });

  it.each([
    [{}, '/columns'],
    [{ columns: {} }, '/columns needs at least one column'],
    [{ columns: { a: '/nothing' } }, '/columns/a/0/to is not a field of a statement'],
    [{ columns: { a: ['/stance', '/claim'] } }, '/columns/a/1/to is not a field of a statement'],
    [{ columns: { a: { to: '/stance', when: 1 } } }, '/columns/a/0/when unknown field'],
    [{ columns: { a: { to: '/stance', date: 'YYYY' } } }, '/columns/a/0/date /stance is no time'],
    [{ columns: { a: { to: '/statedAt', date: 'DD.MM' } } }, '/columns/a/0/date must have YYYY'],
    [{ columns: { a: { to: '/statedAt', offset: '+02:00' } } }, '/columns/a/0/offset goes with date'],
    [{ columns: { a: { to: '/stance', otherwise: 'keep' } } }, '/columns/a/0/otherwise goes with values'],
    [{ columns: { a: { to: '/stance', separator: ';' } } }, '/columns/a/0/separator /stance is no list'],
    [
      { columns: { a: { to: '/stance', value: 'assert', values: {} } } },
      '/columns/a/0/value cannot be combined with other settings',
    ],
    [{ columns: { a: '/stance', b: '/stance' } }, '/columns/b goes to /stance, as a does'],
    [{ columns: { a: '/stance' }, constants: { '/nothing': 'x' } }, '/constants/~1nothing'],
    [{ columns: { a: '/stance' }, delimiter: ';;' }, '/delimiter must be one ASCII character'],
    [{ columns: { a: '/stance' }, extra: 1 }, '/extra unknown field'],
    [
      { columns: { a: '/source/url' }, sources: { column: 'b' } },
      '/sources cannot be combined with /source/url',
    ],
    [
      { columns: { a: '/stance' }, constants: { '/statementId': 'x' }, sources: { column: 'b' } },
      '/sources cannot be combined with /statementId',
    ],
    [{ columns: { a: '/stance' }, sources: 'b' }, '/sources must be an object'],
    [{ columns: { a: '/stance' }, sources: { separator: ' ' } }, '/sources/column is required'],
    ['text', ' must be an object'],
  ])('%j is refused, saying where', (json, said) => {
    const parsed = Mapping.parse(json);
    expect(parsed.ok ? [] : parsed.faults.map(({ pointer, detail }) => `${pointer} ${detail}`)).toEqual([
      expect.stringContaining(said),
    ]);
  });

  it('is refused by a file that lacks its columns, or has them twice', async () => {
    await expect(itemsOf('Ort;Datum\n', mappingOf(MAPPING))).rejects.toThrow(
      'the file lacks columns that the mapping names: Wer, Was, Prozent, Wege, Sprache (it has Ort, Datum)',
    );
    await expect(
      itemsOf('a,b\n', mappingOf({ columns: { a: '/stance' }, sources: { column: 'links' } })),
    ).rejects.toThrow('lacks columns that the mapping names: links');
    await expect(itemsOf('a,a\n', mappingOf({ columns: { a: '/stance' } }))).rejects.toThrow(
      'the file has columns twice: a',
    );
    await expect(itemsOf('a,b\n')).rejects.toThrow(
      /lacks columns of `claimline export statements --format csv`: other files need a --mapping: stance, predicate, statedAt/,
    );
    await expect(itemsOf('"a\n', mappingOf({ columns: { a: '/stance' } }))).rejects.toThrow(
      'line 1, the header, has a quote that is not closed',
    );
  });
});

describe('a form of dates', () => {
  it.each([
    ['YYYY-MM-DD', '2025-11-20', '2025-11-20'],
    ['DD/MM/YYYY', '20/11/2025', '2025-11-20'],
    ['D MMM YYYY', '5 Nov 2025', '2025-11-05'],
    ['MM.YYYY', '11.2025', '2025-11'],
    ['YYYY', '2025', '2025'],
    ['YYYYMMDD', '20251120', '2025-11-20'],
    ['M/D/YYYY H:mm:ss', '3/7/2025 8:05:09', '2025-03-07T08:05:09Z'],
    ['YYYY-MM-DD', '20.11.2025', undefined],
    ['D MMM YYYY', '5 Foo 2025', undefined],
    ['DD.MM.YYYY', '20x11x2025', undefined],
  ])('%s reads %s as %s', (form, text, read) => {
    expect(new DateForm(form).read(text)).toBe(read);
  });

  it.each(['DD.MM', 'YYYY DD', 'YYYY-MM-DD HH', 'YYYY YYYY', ''])('%j is none', (form) => {
    expect(() => new DateForm(form)).toThrow(/must have|without|twice/);
  });
});
