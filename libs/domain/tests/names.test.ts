import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fold } from '../src/values/fold.js';
import { foldRegion } from '../src/values/region.js';
import { keptRuleset, parseRuleset } from '../src/ruleset.js';
import { parseStatement } from '../src/statement/statement.js';
import { provisionalId, type LocationId } from '../src/values/identity.js';
import { resolve, type PlaceMatch, type PlaceMatches, type Region } from '../src/place/resolution.js';
import { type Coordinates, type PlaceReference } from '../src/statement/place-reference.js';

/** Characters by their numbers, for those that are invisible or look alike. */
const at = (...codes: number[]) => String.fromCodePoint(...codes);

describe('names are compared folded', () => {
  const alike: Record<string, string[]> = {
    case: ['Straße', 'STRASSE', 'STRAẞE', 'straſse'],
    'white space': ['New York', '  new   YORK ', `New${at(0xa0)}York`, `New${at(0x3000)}York`],
    'diacritics of Latin, Greek and Cyrillic': ['Łódź', 'Lodz', 'ŁÓDŹ', `Lo${at(0x301)}dz${at(0x301)}`],
    'Cyrillic breves': ['Йосипівка', 'Иосипівка', `И${at(0x306)}осипівка`],
    'a Greek letter below another': ['ᾳδης', 'αδης'],
    'Greek accents and final sigma': ['Πύργος', 'ΠΥΡΓΟΣ', 'Πυργοσ'],
    titlos: [`Сло${at(0x483)}во`, 'Слово'],
    'Hebrew points': ['שְׁפַרְעָם', 'שפרעם'],
    'Arabic harakat, hamza and madda': ['أَحْمَد', 'احمد', `ا${at(0x654)}حمد`],
    apostrophes: [
      0x27, 0x2019, 0x2bc, 0x2018, 0x201b, 0x60, 0xb4, 0x2032, 0x2b9, 0x2bb, 0x2be, 0x2bf, 0x5f3, 0xff07,
    ].map((code) => `Куп${at(code)}янськ`),
    'double quotes between letters': [
      'Куп"янськ',
      'Куп”янськ',
      'Куп“янськ',
      `Куп${at(0x2033)}янськ`,
      "Куп'янськ",
    ],
    gershayim: ['צה״ל', 'צה"ל'],
    hyphens: [0x2d, 0x2010, 0x2011, 0x2012, 0x2013, 0x2212, 0x5be, 0xff0d].map(
      (code) => `Ивано${at(code)}Франковск`,
    ),
    'invisible characters': [
      'الفاشر',
      `${at(0x200f)}الفاشر`,
      `${at(0x200f)}الفاشر${at(0x200e)}`,
      `الفاشر${at(0x200b)}`,
      `الـفاشر`,
      `ال${at(0xad)}فاشر`,
      `${at(0xfeff)}الفاشر`,
      `الفا${at(0x200d)}شر`,
      `الفاشر${at(0xfe0f)}`,
      `ال${at(0x2060)}فاشر`,
    ],
    'presentation forms': ['الفاشر', 'ﺍﻟﻔﺎﺷﺮ', 'اﻟﻔﺎﺷﺮ'],
    'full width': ['Kiev', 'Ｋｉｅｖ'],
    ligatures: ['Effingen', 'Eﬃngen'],
    'Persian letters': ['کرمانشاهی', 'كرمانشاهي'],
    'alef wasla': ['ٱلفاشر', 'الفاشر'],
    'the Armenian ligature': ['Երևան', 'Երեւան', 'Երեվան', 'ԵՐԵՎԱՆ'],
    'stroked letters': ['Ħamrun', 'Hamrun', 'ħAMRUN'],
    'the two schwas': ['Şəki', 'Şәki'],
    'letters of another script in a word': ['Піски-Радьківські', 'Пiски-Радькiвськi', 'ПIСКИ-РАДЬКIВСЬКI'],
    'a Cyrillic letter in a Latin word': ['Kupiansk', 'Kuрiansk', 'Кupiansk'],
  };
  it.each(Object.entries(alike))('%s', (_what, names) => {
    expect(new Set(names.map(fold)).size).toBe(1);
  });

  const other: Record<string, string[]> = {
    'vowels of Burmese': ['ခင်ဦး', 'ချောင်းဦး', 'ကလော', 'ကာလိ'],
    'vowels of Hindi': ['कमल', 'कमला', 'कोमल', 'कामिल'],
    'vowels of Bengali': ['বরিশাল', 'বরশল'],
    'vowels of Tamil': ['மதுரை', 'மதரை'],
    'vowels of Khmer': ['កំពត', 'កពត'],
    'vowels of Sinhala': ['මාතර', 'මතර'],
    'tones of Thai': ['ปา', 'ป่า', 'ป้า'],
    'voicing of kana': ['か', 'が', 'は', 'ば', 'ぱ'],
    spellings: ['Kupiansk', 'Kupyansk'],
    'a left-out apostrophe': ["Куп'янськ", 'Купянськ'],
    'ى and ي, ة and ه': ['على', 'علي', 'حماة', 'حماه'],
    'Amharic homophones': ['ሀረር', 'ሐረር'],
    'words that are wholly of one script': ['оса', 'oca'],
  };
  it.each(Object.entries(other))('but %s are other names', (_what, names) => {
    expect(new Set(names.map(fold)).size).toBe(names.length);
  });

  it('for every character there is, folding again changes nothing', () => {
    const unstable: string[] = [];
    for (let code = 1; code < 0x30000; code++) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      for (const text of [`a${at(code)}b`, `е${at(code)}`, `${at(code)}א`])
        if (fold(fold(text)) !== fold(text)) unstable.push(code.toString(16));
    }
    expect(unstable).toEqual([]);
  });

  it('in any words, folding again, or other case, changes nothing', () => {
    const word = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: fc.constantFrom(...'abςkhtKHсОрнҐїЙ\'’"- ĄşβΣქაسیکًאָのがམ်ဦ') }),
    );
    fc.assert(
      fc.property(word, (text) => {
        expect(fold(fold(text))).toBe(fold(text));
        if (/^[\p{sc=Latin}\p{sc=Cyrillic}\s'-]*$/u.test(text))
          expect(fold(text.toUpperCase())).toBe(fold(text));
      }),
      { numRuns: 3000 },
    );
  });

  it('parties too: a character that nobody sees makes no second party', () => {
    const parsed = parseRuleset({ version: '1', sides: [{ id: 'russia', name: 'Russia' }] });
    if (!parsed.ok) throw new Error('ruleset');
    for (const name of [`russia${at(0x200b)}`, `rus${at(0xad)}sia`, 'RUSSIA', 'Ｒｕｓｓｉａ', 'ruѕsia'])
      expect(parsed.ruleset.party(name)).toMatchObject({ id: 'russia', known: true });
  });
});

describe('a ruleset that was in use', () => {
  it('stays readable, though two of its parties have one name by now: the first has it', () => {
    const file = {
      version: '1',
      sides: [{ id: 'a', name: 'A', belligerent: false }],
      parties: [
        { id: 'one', side: 'a', names: ['Ан’тон'] },
        { id: 'two', side: 'a', names: ['Ан`тон'] },
      ],
    };
    expect(parseRuleset(file)).toMatchObject({ ok: false, faults: [{ pointer: '/parties/1/names/0' }] });
    expect(keptRuleset(file).party('Ан`тон')).toMatchObject({ id: 'one', known: true });
    expect(keptRuleset(file).party('two')).toMatchObject({ id: 'two' });
  });
});

describe('names that do not show what they are', () => {
  const now = '2025-12-01T00:00:00.000Z';
  const valid = {
    stance: 'assert',
    claim: { predicate: 'captured', actor: 'russia' },
    location: { name: 'Hama' },
    speaker: { name: 'A', party: 'russia' },
    via: ['B'],
    statedAt: '2025-11-20',
    source: { outlet: 'C' },
  };
  const fields: [string, (name: string) => object][] = [
    ['/location/name', (name) => ({ location: { name } })],
    ['/location/region', (region) => ({ location: { name: 'Hama', region } })],
    ['/location/within', (within) => ({ location: { name: 'Hama', within } })],
    ['/claim/actor', (actor) => ({ claim: { predicate: 'captured', actor } })],
    ['/speaker/name', (name) => ({ speaker: { name } })],
    ['/speaker/party', (party) => ({ speaker: { party } })],
    ['/via/0', (link) => ({ via: [link] })],
    ['/source/outlet', (outlet) => ({ source: { outlet } })],
  ];
  it.each(fields)('are refused in %s', (pointer, field) => {
    for (const code of [0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069])
      expect(parseStatement({ ...valid, ...field(`Ha${at(code)}ma`) }, now)).toMatchObject({
        ok: false,
        refusal: { errors: [{ pointer, detail: expect.stringContaining('direction of text') }] },
      });
    for (const invisible of [at(0x200b), at(0xad, 0x200e), at(0x3164)])
      expect(parseStatement({ ...valid, ...field(invisible) }, now)).toMatchObject({
        ok: false,
        refusal: { errors: [{ pointer, detail: 'must have a visible character' }] },
      });
  });

  it('a quote may have them: it is compared with nothing', () => {
    expect(
      parseStatement(
        { ...valid, source: { outlet: 'C', quote: `He said ${at(0x2067)}حماة${at(0x2069)}.` } },
        now,
      ).ok,
    ).toBe(true);
  });
});

describe('regions are compared without the words for them', () => {
  it.each([
    ['Kharkiv', 'Kharkiv Oblast', 'KHARKIV REGION', 'oblast Kharkiv', "Kharkiv oblast'"],
    ['Харківська', 'Харківська область', 'Харківська обл.', 'область Харківська'],
    ['Homs', 'Homs Governorate', 'Governorate of Homs', 'Province of Homs', 'Muhafazat Homs'],
    ['حمص', 'محافظة حمص'],
    ['Shan', 'Shan State', 'State of Shan'],
    ['ရှမ်း', 'ရှမ်းပြည်နယ်'],
    ['Крим', 'Автономна Республіка Крим'],
    ['Al Hasakah', 'Al Hasakah Governorate', 'Governorate of Al Hasakah'],
    ['La Paz', 'La Paz Department'],
    ['Kurdistan', 'The Autonomous Region of Kurdistan'],
    ['贵州', '贵州省'],
    ['Kharkiv', 'Kharkiv obl.', 'Kharkiv Zone'],
  ])('%s', (...names) => {
    expect(new Set(names.map((name) => foldRegion(name))).size).toBe(1);
  });

  it('a name of nothing but such words stays', () => {
    expect(foldRegion('Oblast')).toBe('oblast');
    expect(foldRegion('State')).not.toBe(foldRegion('Region'));
  });
});

describe('a reference resolves', () => {
  const id = (text: string) => text as LocationId;
  const hit = (of: string, rest: Partial<PlaceMatch> = {}): PlaceMatch => ({
    id: id(of),
    root: id(of),
    coordinates: null,
    countries: ['UA'],
    region: null,
    around: [],
    ...rest,
  });
  const region = (of: string, names: string[], rest: Partial<Region> = {}): Region => ({
    id: id(of),
    root: id(of),
    names,
    countries: ['UA'],
    around: [],
    isExact: false,
    isRegion: true,
    ...rest,
  });
  const hits = (byName: PlaceMatch[], regions: Region[] = [], byCode: PlaceMatch[] = []): PlaceMatches => ({
    byName,
    byCode,
    named: (text) =>
      regions
        .filter((one) => one.id === text || one.names.some((name) => foldRegion(name) === foldRegion(text)))
        .map((one) => ({
          ...one,
          isExact: one.id === text || one.names.some((name) => fold(name) === fold(text)),
        })),
  });
  const found = (reference: PlaceReference & { id?: undefined }, among: PlaceMatches) => {
    const outcome = resolve(reference, among);
    if (!outcome.ok) return outcome.refusal.code;
    const { resolution, ...rest } = outcome.value;
    return 'id' in rest
      ? [rest.id, resolution.by]
      : [rest.fresh, resolution.kind, ...(resolution.candidates ? [resolution.candidates] : [])];
  };
  const name = { name: 'Petrivka' };

  it('to the one place inside the country and region given, never by guessing', () => {
    const [a, b] = [hit('a', { region: 'Kharkiv' }), hit('b', { region: 'Odesa' })];
    expect(found(name, hits([a]))).toEqual(['a', 'name']);
    expect(found(name, hits([a, b]))).toEqual([provisionalId('Petrivka'), 'ambiguous', ['a', 'b']]);
    expect(found({ ...name, region: 'ODESA OBLAST', country: 'UA' }, hits([a, b]))).toEqual(['b', 'name']);
    expect(found({ ...name, country: 'PL' }, hits([hit('a')]))).toEqual([
      provisionalId('Petrivka', 'PL'),
      'provisional',
    ]);
    expect(found({ ...name, region: 'Kharkiv' }, hits([hit('a')]))).toEqual([
      provisionalId('Petrivka', undefined, 'Kharkiv'),
      'provisional',
    ]);
    // Two that are merged into one are one.
    expect(found(name, hits([hit('a', { root: id('b') }), hit('b')]))).toEqual(['b', 'name']);
    expect(provisionalId('PETRIVKA ', 'UA')).toBe(provisionalId('petrivka', 'UA'));
  });

  it('in any of several countries', () => {
    const place = hit('simferopol', { countries: ['UA', 'RU'] });
    for (const country of ['UA', 'RU'])
      expect(found({ name: 'Simferopol', country }, hits([place]))).toEqual(['simferopol', 'name']);
    expect(found({ name: 'Simferopol', country: 'TR' }, hits([place]))).toContain('provisional');
  });

  it('by any name of its region, also where only its own text says which', () => {
    const oblast = region('oblast', ['Kharkiv Oblast', 'Харківська область', 'Kharkov']);
    for (const given of ['Kharkiv', 'Kharkov', 'Харківська обл.', 'oblast'])
      for (const place of [hit('a', { around: [id('oblast')] }), hit('a', { region: 'Kharkiv region' })])
        expect(found({ ...name, region: given }, hits([place], [oblast]))).toEqual(['a', 'name']);
    expect(
      found({ ...name, region: 'Poltava' }, hits([hit('a', { around: [id('oblast')] })], [oblast])),
    ).toContain('provisional');
  });

  it('within a place at any level, by its name or its id', () => {
    const district = region('raion', ['Bakhmut Raion'], { around: [id('oblast')] });
    const twins = [hit('a', { around: [id('raion'), id('oblast')] }), hit('b', { around: [id('oblast')] })];
    for (const within of ['raion', 'bakhmut raion', 'Bakhmut'])
      expect(found({ ...name, within }, hits(twins, [district]))).toEqual(['a', 'name']);
  });

  it('never in another place that has the same name but for the word for its kind', () => {
    const regions = [
      region('oblast', ['Kharkiv Oblast']),
      region('raion', ['Kharkiv Raion', 'Харківський район'], { around: [id('oblast')] }),
    ];
    const elsewhere = hit('a', { around: [id('other'), id('oblast')] });
    for (const within of ['Kharkiv Raion', 'Харківський район', 'raion'])
      expect(found({ ...name, within, region: 'Kharkiv' }, hits([elsewhere], regions))).toContain(
        'provisional',
      );
    for (const region of ['Kharkiv Oblast', 'Kharkiv', 'Kharkiv region'])
      expect(found({ ...name, region }, hits([elsewhere], regions))).toEqual(['a', 'name']);
    const ids = ['Kharkiv Raion', 'Kharkiv Oblast', 'Kharkiv district'].map(
      (within) => found({ ...name, within }, hits([], regions))[0],
    );
    expect(new Set(ids).size).toBe(3);
  });

  it('where several have the name, to the one within 10 km of where it was reported, and to none where two are', () => {
    const twins = (lon: number) =>
      hits([hit('a', { coordinates: [37, 48] }), hit('b', { coordinates: [lon, 48] }), hit('c')]);
    const reported = (coordinates: Coordinates) => ({ ...name, coordinates });
    expect(found(reported([37.1, 48]), twins(38))).toEqual(['a', 'coordinates']);
    expect(found(reported([37.2, 48]), twins(38))).toContain('ambiguous');
    expect(found(reported([37.05, 48]), twins(37.1))).toContain('ambiguous');
    // Across the date line.
    expect(found(reported([-179.99, 0]), hits([hit('a', { coordinates: [179.99, 0] }), hit('b')]))).toEqual([
      'a',
      'coordinates',
    ]);
  });

  it('by a code; one that nobody knows goes by the name, and without a name is refused', () => {
    const code = { scheme: 'geonames', value: '1' };
    expect(found({ code }, hits([], [], [hit('a')]))).toEqual(['a', 'code']);
    expect(found({ code, ...name }, hits([hit('b')], [], [hit('a')]))).toEqual(['a', 'code']);
    expect(found({ code, ...name }, hits([hit('b')]))).toEqual(['b', 'name']);
    expect(found({ code }, hits([]))).toBe('location-unknown');
    expect(found({ code }, hits([], [], [hit('a'), hit('b')]))).toBe('location-ambiguous');
    // A code of several places identifies none of them, but distinguishes namesakes.
    const shared = [hit('a'), hit('b')];
    expect(found({ code, ...name }, hits([], [], shared))).toContain('provisional');
    expect(found({ code, ...name }, hits([hit('c')], [], shared))).toEqual(['c', 'name']);
    expect(found({ code, ...name }, hits([hit('a'), hit('c')], [], shared))).toEqual(['a', 'code']);
  });

  describe('to a provisional place', () => {
    const of = (reference: PlaceReference & { id?: undefined }, regions: Region[]) => {
      const outcome = resolve(reference, hits([], regions));
      if (!outcome.ok || !('fresh' in outcome.value)) throw new Error('not provisional');
      return outcome.value;
    };
    const oblast = region('oblast', ['Kharkiv Oblast', 'Харківська область']);

    it('that is the same under every name of a registered region', () => {
      const ids = ['Kharkiv', 'Харківська область', 'kharkiv region'].map(
        (given) => of({ ...name, region: given }, [oblast]).fresh,
      );
      expect(new Set(ids)).toEqual(new Set([provisionalId('Petrivka', undefined, { id: id('oblast') })]));
    });

    it('that was made under what its region was called before that was registered', () => {
      const { known } = of({ ...name, region: 'Kharkiv Oblast' }, [oblast]);
      expect(known.slice(0, 2)).toEqual([
        provisionalId('Petrivka', undefined, 'Kharkiv'),
        provisionalId('Petrivka', undefined, { id: id('oblast') }),
      ]);
      expect(known).toContain(provisionalId('Petrivka', undefined, 'Харківська область'));
    });

    it('never by a name that means several regions', () => {
      const darfurs = ['North Darfur', 'South Darfur'].map((one) => region(one, [one, 'Darfur']));
      for (const given of ['North Darfur', 'South Darfur'])
        expect(of({ ...name, region: given }, darfurs).known).not.toContain(
          provisionalId('Petrivka', undefined, 'Darfur'),
        );
      expect(of({ ...name, region: 'Darfur' }, darfurs).known).toEqual([
        provisionalId('Petrivka', undefined, 'Darfur'),
      ]);
    });

    it('in the outermost of what a region’s name may mean: the oblast, not the town that it is named after', () => {
      const town = region('town', ['Kharkiv'], { around: [id('oblast')] });
      expect(of({ ...name, region: 'Kharkiv' }, [town, oblast]).fresh).toBe(
        provisionalId('Petrivka', undefined, { id: id('oblast') }),
      );
      // Two regions of one name cannot be distinguished.
      expect(of({ ...name, region: 'Kharkiv' }, [oblast, region('other', ['Kharkiv'])]).fresh).toBe(
        provisionalId('Petrivka', undefined, 'Kharkiv'),
      );
    });
  });
});
