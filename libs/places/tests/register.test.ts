import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { provisionalId, type LocationId, type PlaceCommand } from '#libs/domain';
import { EventStore } from '#libs/log';
import { rebuildRegister, Register, type GazetteerPlace } from '#libs/places';
import { type CommandExecutor, ChangePlace, RecordStatements } from '#libs/commands';
import { verify } from '#libs/transparency';
import { all, input, openStore, valueOf } from '../../../tests/support/opened-store.js';
import { commandsOn } from '../../../tests/support/commands.js';

let store: EventStore;
let register: Register;
let commands: CommandExecutor;
let pool: EventStore['pool'];
let close: () => Promise<void>;
beforeAll(async () => {
  ({ store, pool, close } = await openStore());
  register = new Register(store);
  commands = commandsOn(store);
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
  valueOf(
    await commands.execute(new ChangePlace(place(a, ['Kupiansk', 'Куп’янськ'], { region: 'Kharkiv' }))),
  );
  valueOf(await commands.execute(new ChangePlace(place(b, ['Soledar'], { region: 'Donetsk' }))));
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
  valueOf(await commands.execute(new ChangePlace(place(a, [twin], { region: 'Kharkiv' }))));
  valueOf(await commands.execute(new ChangePlace(place(b, [twin], { region: 'Donetsk' }))));
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
  valueOf(await commands.execute(new ChangePlace({ kind: 'merge', id: a, into: b })));
  expect(ids(await register.resolve([{ name: twin }]))).toEqual([b]);
});

test('an id that no place has is refused', async () => {
  expect(await register.resolve([{ id: 'nowhere' as LocationId }])).toMatchObject([
    { ok: false, refusal: { code: 'location-unknown', errors: [{ pointer: '/location/id' }] } },
  ]);
});

test('a provisional place is known from the first statement on it, by its id too, but never by its name', async () => {
  const name = fresh('Petrovsk');
  const id = provisionalId(name, 'UA');
  expect((await register.resolve([{ id }]))[0]!.ok).toBe(false);
  const [one, two] = (
    await commands.execute(
      new RecordStatements([
        input({ location: { name, country: 'UA' } }),
        input({ location: { name: name.toUpperCase(), country: 'UA' } }),
      ]),
    )
  ).map(valueOf);
  expect([one!.locationId, two!.locationId]).toEqual([id, id]);
  expect(ids(await register.resolve([{ id }]))).toEqual([id]);
  const known = fresh('known');
  valueOf(await commands.execute(new ChangePlace(place(known, ['Petrovske']))));
  expect(valueOf(await commands.execute(new ChangePlace({ kind: 'merge', id, into: known })))).toMatchObject({
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
  const registered = valueOf(await commands.execute(new ChangePlace(place(a, ['Hama']))));
  expect(valueOf(await commands.execute(new ChangePlace(place(a, ['Hama']))))).toEqual({
    ...registered,
    duplicate: true,
  });
  const added = valueOf(
    await commands.execute(
      new ChangePlace({
        kind: 'add-name',
        id: a,
        toponym: { name: 'حماة', language: 'ar', kind: 'official' },
        by: 'curator',
      }),
    ),
  );
  expect(
    valueOf(
      await commands.execute(
        new ChangePlace({
          kind: 'add-name',
          id: a,
          toponym: { name: 'حماة', language: 'ar', kind: 'official' },
        }),
      ),
    ),
  ).toEqual({ ...added, duplicate: true });
  expect(await store.find(added.eventId)).toMatchObject({ by: 'curator', data: { kind: 'official' } });
  expect(ids(await register.resolve([{ name: 'حماة' }]))).toEqual([a]);
  valueOf(await commands.execute(new ChangePlace({ kind: 'remove-name', id: a, name: 'حماة' })));
  expect((await register.resolve([{ name: 'حماة' }])).map(valueOf)).toMatchObject([
    { resolution: { kind: 'provisional' } },
  ]);
  const [mention] = (
    await commands.execute(new RecordStatements([input({ location: { name: fresh('mentioned') } })]))
  ).map(valueOf);
  expect(
    valueOf(await commands.execute(new ChangePlace({ kind: 'unmerge', id: mention!.locationId }))),
  ).toEqual({ ...mention, duplicate: true });
});

test('refusals append nothing', async () => {
  const a = fresh('a');
  valueOf(await commands.execute(new ChangePlace(place(a, ['Uvira']))));
  const before = await store.heads();
  expect(
    await commands.execute(new ChangePlace({ kind: 'merge', id: a, into: fresh('nowhere') })),
  ).toMatchObject({ ok: false, refusal: { code: 'location-unknown' } });
  expect(
    await commands.execute(new ChangePlace({ kind: 'position', id: fresh('nowhere'), coordinates: [1, 2] })),
  ).toMatchObject({ ok: false, refusal: { code: 'location-not-found' } });
  expect(await commands.execute(new ChangePlace(place(a, ['Another'])))).toMatchObject({
    ok: false,
    refusal: { code: 'location-conflict' },
  });
  expect(await store.heads()).toEqual(before);
});

test('no circle of merges gets in, though all its links are asked for at once', async () => {
  const ring = Array.from({ length: 8 }, (_, n) => fresh(`ring${n}`));
  for (const id of ring) valueOf(await commands.execute(new ChangePlace(place(id, [id]))));
  const elsewhere = commandsOn(await EventStore.open(pool, { shards: 16 }));
  const outcomes = await Promise.all(
    ring.map((id, n) =>
      (n % 2 ? commands : elsewhere).execute(
        new ChangePlace({ kind: 'merge', id, into: ring[(n + 1) % ring.length]! }),
      ),
    ),
  );
  const refused = outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.refusal.code]));
  expect(refused).toEqual(['merge-circle']);
  const places = await register.places(ring);
  for (let at: LocationId | null = ring[0]!, steps = 0; at; at = places.get(at)!.mergedInto)
    expect(steps++).toBeLessThan(ring.length);
});

describe('a code means one place, whatever is merged, unmerged, added and removed', () => {
  const code = { scheme: 'wikidata', value: 'Q800' };
  const change = async (command: PlaceCommand) => {
    const outcome = await commands.execute(new ChangePlace(command));
    return outcome.ok ? outcome.value.duplicate : outcome.refusal;
  };

  test('given a merged place with a code, when another place is given it, then it is refused; the target has it already', async () => {
    const [target, merged, other] = [fresh('me2'), fresh('mf2'), fresh('mz2')];
    const own = { ...code, value: fresh('Q') };
    for (const id of [target, other]) await change(place(id, [id]));
    await change(place(merged, [merged], { codes: [own] }));
    await change({ kind: 'merge', id: merged, into: target });
    const taken = `is a code of ${merged}, which is merged into ${target}`;
    const conflict = (pointer: string) => ({
      code: 'location-conflict',
      errors: [{ pointer, detail: `${taken} already` }],
    });
    expect(await change({ kind: 'add-code', id: other, code: own })).toMatchObject(conflict('/value'));
    expect(await change(place(fresh('new'), ['New'], { codes: [own] }))).toMatchObject(conflict('/codes/0'));
    expect(await change({ kind: 'add-code', id: target, code: own })).toBe(true);
    expect(await change({ kind: 'remove-code', id: target, code: own })).toMatchObject({
      code: 'code-not-found',
      errors: [{ pointer: '/value', detail: taken }],
    });
    expect(ids(await register.resolve([{ code: own }]))).toEqual([merged]);
    await change({ kind: 'unmerge', id: merged });
    expect(ids(await register.resolve([{ code: own }]))).toEqual([merged]);
  });

  test('any order of them', async () => {
    const step = fc.record({
      kind: fc.constantFrom('merge', 'unmerge', 'add-code', 'remove-code', 'register'),
      at: fc.nat(3),
      into: fc.nat(3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 12 }), async (steps) => {
        const run = randomUUID().slice(0, 8);
        const own = { ...code, value: `Q-${run}` };
        const all = ['xa', 'xb', 'xc', 'xd'].map((name) => `${name}-${run}` as LocationId);
        for (const id of all) await change(place(id, [id]));
        await change({ kind: 'add-code', id: all[0]!, code: own });
        await change({ kind: 'merge', id: all[0]!, into: all[1]! });
        for (const [n, { kind, at, into }] of steps.entries()) {
          const id = all[at]!;
          switch (kind) {
            case 'merge':
              await change({ kind, id, into: all[into]! });
              break;
            case 'register':
              await change(place(`${id}-${n}` as LocationId, ['Another'], { codes: [own] }));
              break;
            case 'unmerge':
              await change({ kind, id });
              break;
            default:
              await change({ kind, id, code: own });
          }
          const { rows } = await pool.query('select from claimline.place_codes where value = $1', [
            own.value,
          ]);
          expect(rows.length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 40 },
    );
  });
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
  valueOf(
    await commands.execute(
      new ChangePlace({ kind: 'add-name', id: changed[0]!.id, toponym: { name: 'A curator’s' } }),
    ),
  );
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

test('the tables of the register can be made anew from the log', async () => {
  const name = fresh('Unknown');
  const [mention] = (await commands.execute(new RecordStatements([input({ location: { name } })]))).map(
    valueOf,
  );
  valueOf(
    await commands.execute(new ChangePlace({ kind: 'add-name', id: mention!.locationId, toponym: { name } })),
  );
  await commands.execute(new RecordStatements([input({ location: { name: fresh('Another') } })]));
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
