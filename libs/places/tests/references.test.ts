import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { canonicalJson, fold, type LocationId, type PlaceReference, type PlaceCommand } from '#libs/domain';
import { EventStore } from '#libs/log';
import { type CommandExecutor, ChangePlace, RecordStatements } from '#libs/commands';
import { refold, Register, type GazetteerPlace } from '#libs/places';
import { all, input, openStore, valueOf } from '../../../tests/support/opened-store.js';
import { commandsOn } from '../../../tests/support/commands.js';

let store: EventStore;
let register: Register;
let commands: CommandExecutor;
let close: () => Promise<void>;
const id = (text: string) => text as LocationId;

beforeAll(async () => {
  ({ store, close } = await openStore());
  register = new Register(store);
  commands = commandsOn(store);
});
afterAll(() => close());

const place = (of: string, names: string[], rest: Partial<GazetteerPlace> = {}): PlaceCommand => ({
  kind: 'register',
  id: id(of),
  names: names.map((name) => ({ name })),
  country: 'UA',
  ...rest,
});
const change = async (command: PlaceCommand) => valueOf(await commands.execute(new ChangePlace(command)));
const meant = async (...references: PlaceReference[]) =>
  (await register.resolve(references)).map((outcome) => valueOf(outcome));
const meantIds = async (...references: PlaceReference[]) => (await meant(...references)).map((one) => one.id);
const record = async (...locations: PlaceReference[]) =>
  (await commands.execute(new RecordStatements(locations.map((location) => input({ location }))))).map(
    valueOf,
  );

describe('regions', () => {
  beforeAll(async () => {
    await change(
      place('oblast', [
        'Kharkiv region',
        'Kharkiv Oblast',
        'Kharkivska oblast',
        'Харківська область',
        'Харьковская область',
      ]),
    );
    await change(place('raion', ['Izium Raion'], { within: id('oblast') }));
    await change(place('kharkiv', ['Kharkiv'], { within: id('oblast') }));
    await change(place('balakliia', ['Balakliia'], { within: id('raion') }));
    await change(place('elsewhere', ['Balakliia'], { region: 'Odesa' }));
  });

  test('are matched by any of their names, at any level', async () => {
    const names = [
      'Kharkiv',
      'Kharkiv Oblast',
      'kharkivska oblast',
      "Kharkivs'ka Oblast'",
      'Харківська область',
      'Харьковская обл.',
      'oblast',
    ];
    expect(await meantIds(...names.map((region) => ({ name: 'Balakliia', region })))).toEqual(
      names.map(() => 'balakliia'),
    );
    expect(
      await meantIds(
        { name: 'Balakliia', within: 'Izium' },
        { name: 'Balakliia', within: 'raion' },
        { name: 'Balakliia', region: 'Odesa oblast' },
      ),
    ).toEqual(['balakliia', 'balakliia', 'elsewhere']);
    expect(await meant({ name: 'Balakliia', region: 'Poltava' })).toMatchObject([
      { resolution: { kind: 'provisional' } },
    ]);
  });

  test('make one provisional place, whatever they are called', async () => {
    const receipts = await record(
      ...['Kharkiv', 'Харківська область', 'Kharkivska oblast', 'Kharkiv region'].map((region) => ({
        name: 'Vesele',
        country: 'UA',
        region,
      })),
    );
    expect(new Set(receipts.map(({ locationId }) => locationId)).size).toBe(1);
    expect(receipts[0]).toMatchObject({ resolution: { kind: 'provisional', by: 'name' } });
  });

  test('that are registered later leave provisional places where they were', async () => {
    const [before] = await record({ name: 'Dovhenke', country: 'UA', region: 'Donetska oblast' });
    await change(place('donetsk-oblast', ['Donetsk Oblast', 'Donetska oblast', 'Донецька область']));
    const after = await record(
      ...['Donetska oblast', 'Донецька область', 'Donetsk'].map((region, n) => ({
        name: 'Dovhenke',
        country: 'UA',
        region,
        coordinates: [37, 48 + n] as [number, number],
      })),
    );
    expect(after.map(({ locationId }) => locationId)).toEqual(after.map(() => before!.locationId));
  });

  test('of one name but for the word for their kind are distinguished', async () => {
    await change(place('kharkiv-raion', ['Kharkiv Raion', 'Харківський район'], { within: id('oblast') }));
    for (const within of ['Kharkiv Raion', 'Харківський район', 'kharkiv-raion'])
      expect(await meant({ name: 'Balakliia', country: 'UA', within })).toMatchObject([
        { resolution: { kind: 'provisional' } },
      ]);
    expect(
      await meantIds(
        { name: 'Balakliia', within: 'Izium Raion' },
        { name: 'Balakliia', within: 'Kharkiv Oblast' },
      ),
    ).toEqual(['balakliia', 'balakliia']);
  });

  test('that share a name make no two provisional places one, whatever comes first', async () => {
    for (const [of, name, town] of [
      ['sdn', 'North Darfur', 'El Fasher'],
      ['sds', 'South Darfur', 'Nyala'],
    ] as const) {
      await change({ kind: 'register', id: id(of), names: [{ name }, { name: 'Darfur' }], country: 'SD' });
      await change({
        kind: 'register',
        id: id(town.replace(' ', '')),
        names: [{ name: town }],
        within: id(of),
      });
    }
    const mention = (name: string) => (region: string) => ({ name, country: 'SD', region });
    const [first, second] = [
      await record(...['Darfur', 'North Darfur', 'South Darfur'].map(mention('Umm Baru'))),
      await record(...['South Darfur', 'North Darfur', 'Darfur'].map(mention('Um Dafug'))),
    ];
    for (const receipts of [first, second])
      expect(new Set(receipts.map(({ locationId }) => locationId)).size).toBe(3);
  });

  test('and the places that name them are found through merges', async () => {
    await change(place('twin-oblast', ['Slobozhanshchyna oblast']));
    await change({ kind: 'merge', id: id('oblast'), into: id('twin-oblast') });
    expect(
      await meantIds(
        { name: 'Balakliia', region: 'Slobozhanshchyna' },
        { name: 'Balakliia', region: 'Kharkiv' },
      ),
    ).toEqual(['balakliia', 'balakliia']);
    await change({ kind: 'unmerge', id: id('oblast') });
  });
});

describe('countries', () => {
  test('may be several, of the place or of what is around it', async () => {
    await change(place('crimea', ['Republic of Crimea', 'Республика Крым'], { countries: ['UA', 'RU'] }));
    await change(place('simferopol', ['Simferopol', 'Симферополь'], { within: id('crimea') }));
    const references = [
      { name: 'Simferopol', country: 'UA' },
      { name: 'Симферополь', country: 'RU', region: 'Республика Крым' },
      { name: 'Simferopol', country: 'RU' },
    ];
    expect(await meantIds(...references)).toEqual(['simferopol', 'simferopol', 'simferopol']);
    expect(await meant({ name: 'Simferopol', country: 'TR' })).toMatchObject([
      { resolution: { kind: 'provisional' } },
    ]);
    // A place that names that region in words of its own.
    await change(place('sudak', ['Sudak'], { region: 'Республика Крым' }));
    expect(await meantIds({ name: 'Sudak', country: 'RU' })).toEqual(['sudak']);
  });

  test('a curator states them; a gazetteer takes none away', async () => {
    await change(place('yalta', ['Yalta'], { region: 'The coast' }));
    expect(await meant({ name: 'Yalta', country: 'RU' })).toMatchObject([
      { resolution: { kind: 'provisional' } },
    ]);
    await change({ kind: 'countries', id: id('yalta'), countries: ['UA', 'RU'] });
    expect(await meantIds({ name: 'Yalta', country: 'RU' })).toEqual(['yalta']);
    expect(
      await register.reconcile([
        { id: id('yalta'), names: [{ name: 'Yalta' }], country: 'UA', region: 'The coast' },
      ]),
    ).toEqual({ places: 1, events: 0 });
    expect((await register.places([id('yalta')])).get(id('yalta'))).toMatchObject({
      countries: ['UA', 'RU'],
      region: 'The coast',
    });
    expect(await change({ kind: 'countries', id: id('yalta'), countries: ['UA', 'RU'] })).toMatchObject({
      duplicate: true,
    });
  });
});

describe('several places of one name', () => {
  beforeAll(async () => {
    for (const [of, lon] of [
      ['shevchenko-1', 37],
      ['shevchenko-2', 38.5],
    ] as const)
      await change(place(of, ['Шевченко'], { region: 'Donetsk', coordinates: [lon, 48] }));
  });

  test('are ambiguous, with the candidates, in receipts, repeats and the event; coordinates distinguish them', async () => {
    const reference = { name: 'Шевченко', country: 'UA', region: 'Donetsk' };
    const ambiguous = { kind: 'ambiguous', by: 'name', candidates: ['shevchenko-1', 'shevchenko-2'] };
    const [unknown, near] = await record(reference, { ...reference, coordinates: [37.05, 48] });
    expect(unknown).toMatchObject({ resolution: ambiguous, duplicate: false });
    expect(near).toMatchObject({
      locationId: 'shevchenko-1',
      resolution: { kind: 'resolved', by: 'coordinates' },
    });
    expect(await record(reference, { ...reference, coordinates: [37.05, 48] })).toMatchObject([
      { resolution: ambiguous, duplicate: true, locationId: unknown!.locationId },
      { resolution: { by: 'coordinates' }, duplicate: true },
    ]);
    expect(await store.find(unknown!.eventId)).toMatchObject({
      data: { resolution: ambiguous, location: reference },
    });
  });
});

describe('codes', () => {
  test('name a place; what is unknown goes by the name beside it, or is refused', async () => {
    await change(place('coded', ['Chasiv Yar'], { codes: [{ scheme: 'geonames', value: '709334' }] }));
    const code = { scheme: 'geonames', value: '709334' };
    expect(await meant({ code }, { code, name: 'Another name' })).toEqual([
      { id: 'coded', resolution: { kind: 'resolved', by: 'code' } },
      { id: 'coded', resolution: { kind: 'resolved', by: 'code' } },
    ]);
    const unknown = { scheme: 'geonames', value: '1' };
    expect(await meantIds({ code: unknown, name: 'Chasiv Yar' })).toEqual(['coded']);
    expect(await register.resolve([{ code: unknown }])).toMatchObject([
      { ok: false, refusal: { code: 'location-unknown', errors: [{ pointer: '/location/code' }] } },
    ]);
  });

  test('are added and removed, and belong to one place; a gazetteer may say otherwise, and then they name none', async () => {
    await change(place('first', ['First']));
    await change(place('second', ['Second']));
    const code = { scheme: 'wikidata', value: 'Q1' };
    await change({ kind: 'add-code', id: id('first'), code });
    expect(await change({ kind: 'add-code', id: id('first'), code })).toMatchObject({ duplicate: true });
    expect(
      await commands.execute(new ChangePlace({ kind: 'add-code', id: id('second'), code })),
    ).toMatchObject({
      ok: false,
      refusal: {
        code: 'location-conflict',
        errors: [{ pointer: '/value', detail: 'is a code of first already' }],
      },
    });
    expect(
      await commands.execute(new ChangePlace(place('third', ['Third'], { codes: [code] }))),
    ).toMatchObject({ ok: false, refusal: { errors: [{ pointer: '/codes/0' }] } });
    expect(await meantIds({ code })).toEqual(['first']);
    await register.reconcile([{ id: id('second'), names: [{ name: 'Second' }], codes: [code] }]);
    expect(await register.resolve([{ code }])).toMatchObject([
      { ok: false, refusal: { code: 'location-ambiguous' } },
    ]);
    expect(await meant({ code, name: 'Second' }, { code, name: 'Nobody' })).toMatchObject([
      { id: 'second', resolution: { by: 'name' } },
      { resolution: { kind: 'provisional' } },
    ]);
    await change({ kind: 'merge', id: id('second'), into: id('first') });
    expect(await meantIds({ code })).toEqual(['first']);
    await change({ kind: 'remove-code', id: id('first'), code });
    expect(
      await commands.execute(new ChangePlace({ kind: 'remove-code', id: id('first'), code })),
    ).toMatchObject({ ok: false, refusal: { code: 'code-not-found' } });
  });
});

test('a provisional place has codes and is a place around others, by its id; its countries are what statements say', async () => {
  const [mention] = await record({ name: 'Provis', country: 'UA', region: 'Odesa' });
  const at = mention!.locationId;
  const code = { scheme: 'osm', value: 'p1' };
  await change({ kind: 'add-code', id: at, code });
  expect(await meantIds({ code })).toEqual([at]);
  await change(place('hamlet', ['Hamlet'], { within: at }));
  expect(await meantIds({ name: 'Hamlet', within: at })).toEqual(['hamlet']);
  expect(
    await commands.execute(new ChangePlace({ kind: 'countries', id: at, countries: ['UA', 'RU'] })),
  ).toMatchObject({ ok: false, refusal: { code: 'location-conflict' } });
});

test('a name is removed as it is spelled, or else as it folds; another name is refused', async () => {
  await change(place('kupiansk', ['Kupiansk', 'Куп’янськ', 'Купʼянськ', '..']));
  expect(
    await commands.execute(new ChangePlace({ kind: 'remove-name', id: id('kupiansk'), name: 'Купянськ' })),
  ).toMatchObject({ ok: false, refusal: { code: 'name-not-found' } });
  const names = async () =>
    (await register.places([id('kupiansk')])).get(id('kupiansk'))!.names.map(({ name }) => name);
  await change({ kind: 'remove-name', id: id('kupiansk'), name: "Куп'янськ" });
  expect(await names()).toEqual(['Kupiansk', '..']);
  await change({ kind: 'add-name', id: id('kupiansk'), toponym: { name: 'Куп’янськ' } });
  await change({ kind: 'add-name', id: id('kupiansk'), toponym: { name: 'Куп`янськ' } });
  await change({ kind: 'remove-name', id: id('kupiansk'), name: 'Куп`янськ' });
  expect(await names()).toEqual(['Kupiansk', '..', 'Куп’янськ']);
  await change({ kind: 'remove-name', id: id('kupiansk'), name: '..' });
  expect(
    await commands.execute(new ChangePlace({ kind: 'remove-name', id: id('kupiansk'), name: 'Kupiansk' })),
  ).toMatchObject({ ok: true });
  expect(
    await commands.execute(new ChangePlace({ kind: 'remove-name', id: id('kupiansk'), name: "КУП'ЯНСЬК" })),
  ).toMatchObject({ ok: false, refusal: { code: 'location-conflict' } });
});

describe('a store whose names were folded in an older way', () => {
  /** Makes the tables as if names had been compared without any combining marks. */
  async function makeOld({ pool }: EventStore, ids: Record<string, string>) {
    await pool.query(
      'update claimline.store set fold = 1; delete from claimline.provisional_ids; delete from claimline.region_names',
    );
    const { rows } = await pool.query<{ folded: string; place_id: string }>(
      'select folded, place_id from claimline.place_names',
    );
    for (const { folded, place_id: placeId } of rows)
      await pool.query('update claimline.place_names set folded = $1 where folded = $2 and place_id = $3', [
        folded.normalize('NFD').replace(/\p{M}+/gu, ''),
        folded,
        placeId,
      ]);
    for (const [now, then] of Object.entries(ids))
      await pool.query('update claimline.places set id = $2 where id = $1', [now, then]);
  }

  test('keeps its provisional places, and compares names in the new way from its next start on', async () => {
    const old = await openStore();
    try {
      const [places, statements] = [new Register(old.store), commandsOn(old.store)];
      valueOf(await statements.execute(new ChangePlace(place('kalaw', ['ကလော'], { country: 'MM' }))));
      valueOf(await statements.execute(new ChangePlace(place('oblast', ['Kharkiv Oblast']))));
      const names = [
        { name: 'ခင်ဦး', country: 'MM' },
        { name: 'Куп’янськ', country: 'UA' },
        { name: 'Vesele', country: 'UA', region: 'Kharkiv Oblast' },
      ];
      // Appended under ids that today's fold does not give.
      const receipts = (
        await statements.execute(new RecordStatements(names.map((location) => input({ location }))))
      ).map(valueOf);
      await old.pool.query('alter table claimline.events disable trigger events_are_never_changed');
      const ids = Object.fromEntries(
        receipts.map(({ locationId }) => [locationId, locationId.replace(/^.{8}/, '01d01d00')]),
      );
      for (const [now, then] of Object.entries(ids))
        await old.pool.query(
          `update claimline.events set stream = $2, body = replace(body, $1, $2) where stream = $1`,
          [now, then],
        );
      await old.pool.query('alter table claimline.events enable always trigger events_are_never_changed');
      await makeOld(old.store, ids);

      const progress: [number, number][] = [];
      expect(await refold(old.pool, { onProgress: (done, total) => progress.push([done, total]) })).toBe(5);
      expect(progress).toEqual([[5, 5]]);
      expect(await refold(old.pool)).toBe(0);

      const again = [
        ...names,
        { name: 'ခင်ဦး ', country: 'MM' },
        { name: "КУП'ЯНСЬК", country: 'UA' },
        { name: 'Vesele', country: 'UA', region: 'Kharkiv' },
      ];
      expect((await places.resolve(again)).map((one) => valueOf(one).id)).toEqual([
        ...Object.values(ids),
        ...Object.values(ids),
      ]);
      expect(
        (await places.resolve([{ name: 'ကာလိ' }, { name: 'ကလော' }])).map(
          (one) => valueOf(one).resolution.kind,
        ),
      ).toEqual(['provisional', 'resolved']);
    } finally {
      await old.close();
    }
  });

  test('gives up nothing where an older fold took two names for one: the place continues with the first', async () => {
    const old = await openStore();
    try {
      const [places, statements] = [new Register(old.store), commandsOn(old.store)];
      const [first, second] = [
        { name: 'ခင်ဦး', country: 'MM' },
        { name: 'ချောင်းဦး', country: 'MM' },
      ];
      const receipts = (
        await statements.execute(new RecordStatements([first, second].map((location) => input({ location }))))
      ).map(valueOf);
      const [one, two] = receipts.map(({ locationId }) => locationId);
      const shared = id('01d01d00-0000-5000-8000-000000000000');
      await old.pool.query('alter table claimline.events disable trigger events_are_never_changed');
      // One after the other, in one stream.
      await old.pool.query(
        `update claimline.events
         set stream = $1, shard = 0, position = case stream when $2 then 100001 else 100002 end where stream in ($2, $3)`,
        [shared, one, two],
      );
      await old.pool.query('alter table claimline.events enable always trigger events_are_never_changed');
      await old.pool.query('delete from claimline.places where id = $1', [two]);
      await makeOld(old.store, { [one!]: shared });
      await refold(old.pool);
      const [a, b] = (await places.resolve([first, second])).map((outcome) => valueOf(outcome).id);
      expect([a, b]).toEqual([shared, two]);
    } finally {
      await old.close();
    }
  });

  test('and where the other name gives the very id of the place, it gets one of its own', async () => {
    const old = await openStore();
    try {
      const [places, statements] = [new Register(old.store), commandsOn(old.store)];
      // An older fold gave ガザ the id that カサ has now.
      const [receipt] = (
        await statements.execute(new RecordStatements([input({ location: { name: 'カサ' } })]))
      ).map(valueOf);
      await old.pool.query('alter table claimline.events disable trigger events_are_never_changed');
      await old.pool.query(
        `update claimline.events set body = replace(body, 'カサ', 'ガザ') where stream = $1`,
        [receipt!.locationId],
      );
      await old.pool.query('alter table claimline.events enable always trigger events_are_never_changed');
      await makeOld(old.store, {});
      await refold(old.pool);
      const [voiced, bare] = (await places.resolve([{ name: 'ガザ' }, { name: 'カサ' }])).map(
        (outcome) => valueOf(outcome).id,
      );
      expect(voiced).toBe(receipt!.locationId);
      expect(bare).not.toBe(voiced);
      const [now, again] = (
        await commandsOn(old.store).execute(
          new RecordStatements(
            ['2025-11-21', '2025-11-22'].map((statedAt) => input({ location: { name: 'カサ' }, statedAt })),
          ),
        )
      ).map(valueOf);
      expect([now!.locationId, again!.locationId]).toEqual([bare, bare]);
    } finally {
      await old.close();
    }
  });

  test('and one of a newer fold is not opened', async () => {
    const newer = await openStore();
    try {
      await newer.pool.query('update claimline.store set fold = 99');
      await expect(refold(newer.pool)).rejects.toThrow('fold 99');
    } finally {
      await newer.close();
    }
  });
});

test('a claim keeps how its place was found only where its reference does not show it', async () => {
  const events = (await all(store.readAll())).filter(({ type }) => type === 'claim.asserted');
  expect(events.length).toBeGreaterThan(5);
  for (const { data } of events) {
    const { location, resolution } = data as {
      location: PlaceReference;
      resolution?: { kind: string; by: string };
    };
    if (resolution) expect(canonicalJson(resolution)).toMatch(/coordinates|code|ambiguous/);
    else expect(location.id ?? fold(location.name!)).toBeTruthy();
  }
});
