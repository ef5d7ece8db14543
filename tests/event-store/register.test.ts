import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { provisionalId, type LocationId, type PlaceCommand } from '#libs/domain';
import {
  EventStore,
  rebuildRegister,
  StatementCommands,
  Register,
  verify,
  type GazetteerPlace,
} from '#libs/event-store';
import { all, input, openStore, valueOf } from './opened-store.js';

let store: EventStore;
let register: Register;
let pool: EventStore['pool'];
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, pool, close } = await openStore());
  register = new Register(store);
});
afterAll(() => close());

let fresh: (name: string) => LocationId;
beforeEach(() => {
  const run = randomUUID().slice(0, 8);
  fresh = (name) => `${name}-${run}` as LocationId;
});

const place = (id: LocationId, names: string[], rest: object = {}): PlaceCommand => ({
  kind: 'register',
  id,
  names: names.map((name) => ({ name })),
  country: 'UA',
  ...rest,
});
const ids = (outcomes: Awaited<ReturnType<Register['resolve']>>) =>
  outcomes.map((outcome) => valueOf(outcome).id);

test('a name resolves to the one registered place that has it, aliases included, compared folded', async () => {
  const [a, b] = [fresh('a'), fresh('b')];
  valueOf(await register.command(place(a, ['Kupiansk', 'Куп’янськ'], { region: 'Kharkiv' })));
  valueOf(await register.command(place(b, ['Soledar'], { region: 'Donetsk' })));
  expect(
    ids(
      await register.resolve([
        { name: "  куп'янськ " },
        { name: 'KUPIANSK', country: 'UA', region: 'KHARKIV' },
        { name: 'soledar' },
        { id: a },
      ]),
    ),
  ).toEqual([a, a, b, a]);
});

test('no hit inside the country and region, or several, is the provisional place of that name', async () => {
  const [a, b] = [fresh('a'), fresh('b')];
  const twin = fresh('Petrovka');
  valueOf(await register.command(place(a, [twin], { region: 'Kharkiv' })));
  valueOf(await register.command(place(b, [twin], { region: 'Donetsk' })));
  const resolved = await register.resolve([
    { name: twin },
    { name: twin, country: 'RU' },
    { name: twin, region: 'donetsk' },
  ]);
  expect(resolved.map(valueOf)).toEqual([
    { id: provisionalId(twin), resolution: { kind: 'ambiguous', by: 'name', candidates: [a, b].sort() } },
    { id: provisionalId(twin, 'RU'), resolution: { kind: 'provisional', by: 'name' } },
    { id: b, resolution: { kind: 'resolved', by: 'name' } },
  ]);
  valueOf(await register.command({ kind: 'merge', id: a, into: b }));
  expect(ids(await register.resolve([{ name: twin }]))).toEqual([b]);
});

test('an id that no place has is refused', async () => {
  expect(await register.resolve([{ id: 'nowhere' as LocationId }])).toMatchObject([
    { ok: false, refusal: { code: 'location-unknown', errors: [{ pointer: '/location/id' }] } },
  ]);
});

test('a provisional place is known from the first statement on it, by its id too, but never by its name', async () => {
  const commands = new StatementCommands(store, register);
  const name = fresh('Petrovsk');
  const id = provisionalId(name, 'UA');
  expect((await register.resolve([{ id }]))[0]!.ok).toBe(false);
  const [one, two] = (
    await commands.record([
      input({ location: { name, country: 'UA' } }),
      input({ location: { name: name.toUpperCase(), country: 'UA' } }),
    ])
  ).map(valueOf);
  expect([one!.locationId, two!.locationId]).toEqual([id, id]);
  expect(ids(await register.resolve([{ id }]))).toEqual([id]);
  const known = fresh('known');
  valueOf(await register.command(place(known, ['Petrovske'])));
  expect(valueOf(await register.command({ kind: 'merge', id, into: known }))).toMatchObject({
    type: 'location.merged',
    locationId: id,
    duplicate: false,
  });
  expect((await register.resolve([{ name, country: 'UA' }])).map(valueOf)).toEqual([
    { id, resolution: { kind: 'provisional', by: 'name' } },
  ]);
  expect((await register.places([id])).get(id)).toMatchObject({
    registered: false,
    names: [],
    mergedInto: known,
  });
});

test('a command that changes nothing is answered with the last event about its place', async () => {
  const a = fresh('a');
  const registered = valueOf(await register.command(place(a, ['Hama'])));
  expect(valueOf(await register.command(place(a, ['Hama'])))).toEqual({ ...registered, duplicate: true });
  const added = valueOf(
    await register.command({
      kind: 'add-name',
      id: a,
      toponym: { name: 'حماة', language: 'ar', kind: 'official' },
      by: 'curator',
    }),
  );
  expect(
    valueOf(
      await register.command({
        kind: 'add-name',
        id: a,
        toponym: { name: 'حماة', language: 'ar', kind: 'official' },
      }),
    ),
  ).toEqual({ ...added, duplicate: true });
  expect(await store.find(added.eventId)).toMatchObject({ by: 'curator', data: { kind: 'official' } });
  expect(ids(await register.resolve([{ name: 'حماة' }]))).toEqual([a]);
  valueOf(await register.command({ kind: 'remove-name', id: a, name: 'حماة' }));
  expect((await register.resolve([{ name: 'حماة' }])).map(valueOf)).toMatchObject([
    { resolution: { kind: 'provisional' } },
  ]);
  const commands = new StatementCommands(store, register);
  const [mention] = (await commands.record([input({ location: { name: fresh('mentioned') } })])).map(valueOf);
  expect(valueOf(await register.command({ kind: 'unmerge', id: mention!.locationId }))).toEqual({
    ...mention,
    duplicate: true,
  });
});

test('refusals append nothing', async () => {
  const a = fresh('a');
  valueOf(await register.command(place(a, ['Uvira'])));
  const before = await store.heads();
  expect(await register.command({ kind: 'merge', id: a, into: fresh('nowhere') })).toMatchObject({
    ok: false,
    refusal: { code: 'location-unknown' },
  });
  expect(
    await register.command({ kind: 'position', id: fresh('nowhere'), coordinates: [1, 2] }),
  ).toMatchObject({ ok: false, refusal: { code: 'location-not-found' } });
  expect(await register.command(place(a, ['Another']))).toMatchObject({
    ok: false,
    refusal: { code: 'location-conflict' },
  });
  expect(await store.heads()).toEqual(before);
});

test('no circle of merges gets in, though all its links are asked for at once', async () => {
  const ring = Array.from({ length: 8 }, (_, n) => fresh(`ring${n}`));
  for (const id of ring) valueOf(await register.command(place(id, [id])));
  const elsewhere = new Register(await EventStore.open(pool, { shards: 16 }));
  const outcomes = await Promise.all(
    ring.map((id, n) =>
      (n % 2 ? register : elsewhere).command({ kind: 'merge', id, into: ring[(n + 1) % ring.length]! }),
    ),
  );
  const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.code]));
  expect(refused).toEqual(['merge-circle']);
  const places = await register.places(ring);
  for (let at: LocationId | null = ring[0]!, steps = 0; at; at = places.get(at)!.mergedInto)
    expect(steps++).toBeLessThan(ring.length);
});

test('a gazetteer is appended once; what is unchanged costs no event, what differs is added, nothing is removed', async () => {
  const gazetteer = Array.from({ length: 3000 }, (_, n): GazetteerPlace => ({
    id: fresh(`gn-${n}`),
    names: [
      { name: `Місто ${n}`, language: 'uk' },
      { name: `Town ${n}`, kind: 'alias' },
    ],
    coordinates: [30 + n / 1000, 50.123456789],
    country: 'UA',
    region: 'Kharkiv',
  }));
  const progress: number[] = [];
  expect(
    await register.reconcile(gazetteer, {
      by: 'gazetteer',
      onProgress: ({ places }) => progress.push(places),
    }),
  ).toEqual({ places: 3000, events: 3000 });
  expect(progress).toEqual([500, 1000, 1500, 2000, 2500, 3000]);
  const heads = await store.heads();
  expect(await register.reconcile(gazetteer)).toEqual({ places: 3000, events: 0 });
  expect(await store.heads()).toEqual(heads);

  const changed = gazetteer.slice(0, 3);
  valueOf(await register.command({ kind: 'add-name', id: changed[0]!.id, toponym: { name: 'A curator’s' } }));
  const differing = [
    { ...changed[0]!, names: [...changed[0]!.names, { name: 'Новое' }] },
    { ...changed[1]!, coordinates: [31, 51] as [number, number] },
    { ...changed[2]!, region: 'Donetsk' },
    changed[2]!,
    { id: fresh('new'), names: [{ name: 'New' }] },
    { id: fresh('new'), names: [{ name: 'New' }] },
  ];
  async function* arriving() {
    yield* differing;
  }
  expect(await register.reconcile(arriving())).toEqual({ places: 6, events: 5 });
  const places = await register.places(changed.map(({ id }) => id));
  expect(places.get(changed[0]!.id)!.names.map(({ name }) => name)).toEqual([
    'Місто 0',
    'Town 0',
    'A curator’s',
    'Новое',
  ]);
  expect(places.get(changed[1]!.id)!.coordinates).toEqual([31, 51]);
  const last = await all(store.readAll(new Map(heads.map(({ shard, position }) => [shard, position]))));
  expect(last.map(({ type }) => type)).toEqual([
    'location.name-added',
    'location.name-added',
    'location.positioned',
    'location.registered',
    'location.registered',
    'location.registered',
  ]);
  expect((await verify(store)).faults).toEqual([]);
});

test('the tables of the register can be recreated from the log', async () => {
  const commands = new StatementCommands(store, register);
  const name = fresh('Unknown');
  const [mention] = (await commands.record([input({ location: { name } })])).map(valueOf);
  valueOf(await register.command({ kind: 'add-name', id: mention!.locationId, toponym: { name } }));
  await commands.record([input({ location: { name: fresh('Another') } })]);
  const tables = async () => [
    (await pool.query<object>('select * from claimline.places order by id')).rows,
    ...(await Promise.all(
      ['place_names', 'region_names', 'place_codes'].map(
        async (table) => (await pool.query<object>(`select * from claimline.${table} order by 1, 2`)).rows,
      ),
    )),
  ];
  const before = await tables();
  expect(await rebuildRegister(store)).toBe(before[0]!.length);
  expect(await tables()).toEqual(before);
});
