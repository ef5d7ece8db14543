import { describe, expect, it } from '@jest/globals';
import {
  applyToPlace,
  coordinatesSchema,
  decidePlaceCommand,
  mergeSchema,
  nameSchema,
  parseBody,
  placeSchema,
  unregistered,
  type EventData,
  type EventId,
  type LocationId,
  type Place,
  type PlaceCommand,
  type PlaceFacts,
  type RegisterEvent,
  type Remarks,
} from '#libs/domain';
import { events, NEW, refused } from './given.js';

type Type = RegisterEvent['type'];

const KUPIANSK = 'kupiansk' as LocationId;
const KHARKIV = 'kharkiv' as LocationId;
const LYMAN = 'lyman' as LocationId;
/** Only statements name it. */
const PETROVSK = 'petrovsk' as LocationId;
const NOWHERE = 'nowhere' as LocationId;

const event = <T extends Type>(type: T, data: EventData[T], by?: string): RegisterEvent =>
  ({ eventId: NEW, type, schemaVersion: 1, stream: 'register', data, ...(by && { by }) }) as RegisterEvent;
const registered = (locationId: LocationId, names: string[], more: Partial<PlaceFacts> = {}) =>
  event('location.registered', { locationId, names: names.map((name) => ({ name })), ...more });
const named = (locationId: LocationId, name: string) => event('location.name-added', { locationId, name });
const merged = (locationId: LocationId, into: LocationId) => event('location.merged', { locationId, into });

/** The events, then the command on the places that they make; statements have named Petrovsk. */
function decide(given: readonly RegisterEvent[], when: PlaceCommand, newId = () => NEW) {
  const places = new Map<LocationId, Place>([[PETROVSK, unregistered(PETROVSK)]]);
  for (const one of given) {
    const { locationId } = one.data;
    places.set(locationId, applyToPlace(places.get(locationId) ?? unregistered(locationId), one));
  }
  const holders = [...places.values()].flatMap(({ id, codes }) => codes.map((code) => ({ id, ...code })));
  return decidePlaceCommand(when, places, newId, holders);
}

type Row = [
  rule: string,
  given: RegisterEvent[],
  when: PlaceCommand,
  then: ReturnType<typeof refused> | ReturnType<typeof events<RegisterEvent>>,
];
const holds = (rows: Row[]) =>
  it.each(rows)('%s', (_rule, given, when, then) => expect(decide(given, when)).toEqual(then));

const wikidata = { scheme: 'wikidata', value: 'Q1' };
const geonames = { scheme: 'geonames', value: '703656' };
const facts = {
  codes: [geonames],
  coordinates: [37.6, 49.7] as [number, number],
  country: 'UA',
  region: 'Kharkiv',
  within: KHARKIV,
};
const kharkiv = registered(KHARKIV, ['Kharkiv region']);
const kupiansk = registered(KUPIANSK, ['Kupiansk'], facts);
const lyman = registered(LYMAN, ['Lyman'], { codes: [wikidata] });

describe('to register a place', () => {
  const register = (
    id: LocationId,
    names: string[],
    more: Partial<PlaceFacts> & Remarks = {},
  ): PlaceCommand => ({ kind: 'register', id, names: names.map((name) => ({ name })), ...more });
  holds([
    [
      'that nobody has named yet: with all its facts, and who says so and why',
      [kharkiv],
      register(KUPIANSK, ['Kupiansk'], { ...facts, by: 'desk', reason: 'from the map' }),
      events(
        event(
          'location.registered',
          { locationId: KUPIANSK, names: [{ name: 'Kupiansk' }], ...facts, reason: 'from the map' },
          'desk',
        ),
      ),
    ],
    [
      'that statements have named',
      [],
      register(PETROVSK, ['Petrovsk']),
      events(registered(PETROVSK, ['Petrovsk'])),
    ],
    [
      'in several countries: each once, and the first is the one shown alone',
      [],
      register(LYMAN, ['Lyman'], { country: 'UA', countries: ['RU', 'UA'] }),
      events(registered(LYMAN, ['Lyman'], { country: 'UA', countries: ['UA', 'RU'] })),
    ],
    [
      'that is registered with these facts',
      [kharkiv, kupiansk],
      register(KUPIANSK, ['Kupiansk'], facts),
      events(),
    ],
    ['that is registered with more', [kharkiv, kupiansk], register(KUPIANSK, ['Kupiansk']), events()],
    [
      'that is registered without one of these names',
      [kharkiv, kupiansk],
      register(KUPIANSK, ['Kupyansk']),
      refused('location-conflict', '/id'),
    ],
    [
      'that is registered in another region',
      [kharkiv, kupiansk],
      register(KUPIANSK, ['Kupiansk'], { region: 'Donetsk' }),
      refused('location-conflict', '/id'),
    ],
    [
      'within a place that is not known',
      [],
      register(KUPIANSK, ['Kupiansk'], { within: NOWHERE }),
      refused('location-unknown', '/within'),
    ],
    [
      'with a code of another place',
      [lyman],
      register(KUPIANSK, ['Kupiansk'], { codes: [geonames, wikidata] }),
      refused('location-conflict', '/codes/1'),
    ],
  ]);
});

describe('to reconcile a place with a gazetteer', () => {
  const reconcile = (names: string[], more: Partial<PlaceFacts> = {}): PlaceCommand => ({
    kind: 'reconcile',
    id: KUPIANSK,
    names: names.map((name) => ({ name })),
    ...more,
  });
  const aroundKupiansk = { country: 'UA', region: 'Kharkiv', within: KHARKIV };
  holds([
    ['that is not registered', [], reconcile(['Kupiansk']), events(registered(KUPIANSK, ['Kupiansk']))],
    ['that has everything it says', [kupiansk], reconcile(['Kupiansk'], facts), events()],
    [
      'of which the register has more names and codes: none is removed',
      [
        kupiansk,
        named(KUPIANSK, 'Kupyansk'),
        event('location.code-added', { locationId: KUPIANSK, ...wikidata }),
      ],
      reconcile(['Kupiansk'], facts),
      events(),
    ],
    [
      'of which it lacks a name and a code, and that lies elsewhere',
      [kupiansk],
      reconcile(['Kupiansk', 'Kupyansk'], {
        ...facts,
        codes: [geonames, wikidata],
        coordinates: [37.5, 49.7],
      }),
      events(
        named(KUPIANSK, 'Kupyansk'),
        event('location.code-added', { locationId: KUPIANSK, ...wikidata }),
        event('location.positioned', { locationId: KUPIANSK, coordinates: [37.5, 49.7] }),
      ),
    ],
    [
      'that is in another region: registered again, with what is around it otherwise',
      [kupiansk],
      reconcile(['Kupiansk'], { region: 'Kharkivska' }),
      events(registered(KUPIANSK, ['Kupiansk'], { ...aroundKupiansk, region: 'Kharkivska' })),
    ],
    [
      'that is within another place: registered again too',
      [kupiansk],
      reconcile(['Kupiansk'], { within: LYMAN }),
      events(registered(KUPIANSK, ['Kupiansk'], { ...aroundKupiansk, within: LYMAN })),
    ],
    [
      'that is in another country too: the one that a curator has added stays',
      [kupiansk, registered(KUPIANSK, [], { ...aroundKupiansk, countries: ['UA', 'RU'] })],
      reconcile(['Kupiansk'], { country: 'PL' }),
      events(
        registered(KUPIANSK, ['Kupiansk'], {
          ...aroundKupiansk,
          country: 'PL',
          countries: ['PL', 'UA', 'RU'],
        }),
      ),
    ],
    [
      'with a code of another place: two gazetteers may disagree',
      [kharkiv, lyman, kupiansk],
      reconcile(['Kupiansk'], { codes: [wikidata] }),
      events(event('location.code-added', { locationId: KUPIANSK, ...wikidata })),
    ],
  ]);
});

describe('to add a name', () => {
  const add = (id: LocationId, name: string, more: object = {}): PlaceCommand => ({
    kind: 'add-name',
    id,
    toponym: { name, ...more },
  });
  holds([
    ['that the place lacks', [kupiansk], add(KUPIANSK, 'Kupyansk'), events(named(KUPIANSK, 'Kupyansk'))],
    ['that it has', [kupiansk], add(KUPIANSK, 'Kupiansk'), events()],
    [
      'that it has, with something else said of it',
      [kupiansk],
      add(KUPIANSK, 'Kupiansk', { kind: 'official' }),
      events(event('location.name-added', { locationId: KUPIANSK, name: 'Kupiansk', kind: 'official' })),
    ],
    [
      'of a place that only statements name',
      [],
      add(PETROVSK, 'Petrivka'),
      events(named(PETROVSK, 'Petrivka')),
    ],
    ['of a place that is not known', [], add(NOWHERE, 'Kupiansk'), refused('location-not-found')],
  ]);
});

describe('to remove a name', () => {
  const remove = (id: LocationId, name: string): PlaceCommand => ({ kind: 'remove-name', id, name });
  const removed = (id: LocationId, name: string) => event('location.name-removed', { locationId: id, name });
  const alike = registered(KUPIANSK, ['Куп’янськ', 'Купʼянськ', 'Kupiansk']);
  holds([
    ['as it is spelled', [alike], remove(KUPIANSK, 'Купʼянськ'), events(removed(KUPIANSK, 'Купʼянськ'))],
    [
      'that no name is spelled like: all that fold to the same',
      [alike],
      remove(KUPIANSK, "Куп'янськ"),
      events(removed(KUPIANSK, 'Куп’янськ'), removed(KUPIANSK, 'Купʼянськ')),
    ],
    ['that is none of its names', [alike], remove(KUPIANSK, 'Lyman'), refused('name-not-found', '/name')],
    [
      'that is the last of a registered place',
      [kupiansk],
      remove(KUPIANSK, 'Kupiansk'),
      refused('location-conflict', '/name'),
    ],
    [
      'that is the last of a place that only statements name',
      [named(PETROVSK, 'Petrivka')],
      remove(PETROVSK, 'Petrivka'),
      events(removed(PETROVSK, 'Petrivka')),
    ],
    ['of a place that is not known', [], remove(NOWHERE, 'Kupiansk'), refused('location-not-found')],
  ]);

  it('gives each event an id of its own', () => {
    let serial = 0;
    const decided = decide([alike], remove(KUPIANSK, "Куп'янськ"), () => `event-${(serial += 1)}` as EventId);
    expect(decided).toMatchObject({ value: [{ eventId: 'event-1' }, { eventId: 'event-2' }] });
  });
});

describe('to add or remove a code', () => {
  const command = (kind: 'add-code' | 'remove-code', id: LocationId): PlaceCommand => ({
    kind,
    id,
    code: wikidata,
  });
  const ofLyman = { locationId: LYMAN, ...wikidata };
  holds([
    [
      'that the place lacks',
      [kupiansk],
      command('add-code', KUPIANSK),
      events(event('location.code-added', { locationId: KUPIANSK, ...wikidata })),
    ],
    ['that it has', [lyman], command('add-code', LYMAN), events()],
    [
      'that another place has',
      [lyman, kupiansk],
      command('add-code', KUPIANSK),
      refused('location-conflict', '/value'),
    ],
    ['to a place that is not known', [], command('add-code', NOWHERE), refused('location-not-found')],
    [
      'that is to go',
      [lyman],
      command('remove-code', LYMAN),
      events(event('location.code-removed', ofLyman)),
    ],
    [
      'that is to go, but is none of the place',
      [lyman, event('location.code-removed', ofLyman)],
      command('remove-code', LYMAN),
      refused('code-not-found', '/value'),
    ],
    [
      'that is to go from a place that is not known',
      [],
      command('remove-code', NOWHERE),
      refused('location-not-found'),
    ],
  ]);
});

describe('to set the countries', () => {
  const set = (id: LocationId, ...countries: string[]): PlaceCommand => ({
    kind: 'countries',
    id,
    countries,
  });
  const around = { region: 'Kharkiv', within: KHARKIV };
  holds([
    [
      'of a registered place: its region and the place around it stay',
      [kupiansk],
      set(KUPIANSK, 'RU', 'UA', 'RU'),
      events(registered(KUPIANSK, [], { ...around, country: 'RU', countries: ['RU', 'UA'] })),
    ],
    ['to none', [kupiansk], set(KUPIANSK), events(registered(KUPIANSK, [], around))],
    ['to those that it has', [kupiansk], set(KUPIANSK, 'UA'), events()],
    [
      'of a place that only statements name',
      [],
      set(PETROVSK, 'UA'),
      refused('location-conflict', '/countries'),
    ],
    ['of a place that is not known', [], set(NOWHERE, 'UA'), refused('location-not-found')],
  ]);
});

describe('to set the coordinates', () => {
  const position = (id: LocationId, ...coordinates: [number, number]): PlaceCommand => ({
    kind: 'position',
    id,
    coordinates,
  });
  holds([
    [
      'of a place that has others',
      [kupiansk],
      position(KUPIANSK, 37.6, 49.8),
      events(event('location.positioned', { locationId: KUPIANSK, coordinates: [37.6, 49.8] })),
    ],
    [
      'of a place that only statements name',
      [],
      position(PETROVSK, 0, 0),
      events(event('location.positioned', { locationId: PETROVSK, coordinates: [0, 0] })),
    ],
    ['to those that it has', [kupiansk], position(KUPIANSK, 37.6, 49.7), events()],
    ['of a place that is not known', [], position(NOWHERE, 37.6, 49.7), refused('location-not-found')],
  ]);
});

describe('to merge', () => {
  const merge = (id: LocationId, into: LocationId): PlaceCommand => ({ kind: 'merge', id, into });
  const all = [kharkiv, kupiansk, lyman];
  holds([
    [
      'a place that only statements name into a known one',
      all,
      merge(PETROVSK, LYMAN),
      events(merged(PETROVSK, LYMAN)),
    ],
    [
      'a place into one that is merged itself',
      [...all, merged(LYMAN, KHARKIV)],
      merge(PETROVSK, LYMAN),
      events(merged(PETROVSK, LYMAN)),
    ],
    [
      'a place where it is merged already',
      [...all, merged(PETROVSK, LYMAN)],
      merge(PETROVSK, LYMAN),
      events(),
    ],
    [
      'a place that is merged elsewhere',
      [...all, merged(PETROVSK, LYMAN)],
      merge(PETROVSK, KUPIANSK),
      refused('location-merged'),
    ],
    ['a place into itself', all, merge(LYMAN, LYMAN), refused('merge-circle', '/into')],
    [
      'a place into one that is merged into it, at any depth',
      [...all, merged(PETROVSK, LYMAN), merged(LYMAN, KUPIANSK)],
      merge(KUPIANSK, PETROVSK),
      refused('merge-circle', '/into'),
    ],
    ['a place into one that is not known', all, merge(LYMAN, NOWHERE), refused('location-unknown', '/into')],
    ['a place that is not known', all, merge(NOWHERE, LYMAN), refused('location-not-found')],
  ]);
});

describe('to unmerge', () => {
  const unmerge = (id: LocationId): PlaceCommand => ({ kind: 'unmerge', id, reason: 'two towns' });
  const apart = event('location.unmerged', { locationId: PETROVSK, from: LYMAN, reason: 'two towns' });
  holds([
    ['a merged place', [lyman, merged(PETROVSK, LYMAN)], unmerge(PETROVSK), events(apart)],
    ['a place that is merged no more', [lyman, merged(PETROVSK, LYMAN), apart], unmerge(PETROVSK), events()],
    ['a place that is not known', [], unmerge(NOWHERE), refused('location-not-found')],
  ]);
});

it.each<[string, Parameters<typeof parseBody>[0], unknown, string[]]>([
  ['a place without names', placeSchema, { id: 'kupiansk', names: [] }, ['/names']],
  ['a place with the id of the register', placeSchema, { id: 'register', names: [{ name: 'A' }] }, ['/id']],
  [
    'a name that says nothing, in no language',
    nameSchema,
    { name: ' ', language: '?' },
    ['/name', '/language'],
  ],
  [
    'coordinates that are on no map',
    coordinatesSchema,
    { coordinates: [181, 91] },
    ['/coordinates/0', '/coordinates/1'],
  ],
  ['a merge into nothing', mergeSchema, { by: 'desk' }, ['/into']],
])('a body is refused, with every wrong field: %s', (_what, schema, body, pointers) =>
  expect(parseBody(schema, body, 'location-invalid')).toEqual(refused('location-invalid', ...pointers)),
);
