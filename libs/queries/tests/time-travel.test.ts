import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import {
  visibilityOf,
  changesOf,
  differenceOf,
  FLAGS,
  locationState,
  STATUSES,
  type LocationId,
  type LocationState,
  type BitemporalPoint,
} from '#libs/domain';
import {
  matches,
  type ChangeFilter,
  type ChangeItem,
  type CursorInvalid,
  type LocationFilter,
  type Page,
  type PageRequest,
} from '#libs/queries';
import { Random } from '../../../tests/support/random.js';
import { chronicleOf, newGeneration, openDatabase } from '../../../tests/support/generations.js';
import { ruleset, seedLog, TestLog } from '../../../tests/support/test-log.js';
import { type InMemoryProjection } from '../../../tests/support/in-memory-projection.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';

/** The number of statements from which a timeline is kept parsed (libs/queries/src/as-of/long-timelines.ts). */
const LONG = 200;

let pool: pg.Pool;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ pool, close } = await openDatabase());
});
afterAll(() => close());

const SEEDS = Number(process.env.READ_MODEL_SEEDS ?? 4);
const QUESTIONS = 6;

/** Every question about the past, answered by folding the log in memory. */
class Folded {
  private readonly projection: InMemoryProjection;
  private readonly folded = new Map<string, ReturnType<Folded['fold']>>();
  readonly ids: LocationId[];

  constructor(private readonly log: TestLog) {
    this.projection = chronicleOf(log.events);
    const named = log.events.flatMap((event) =>
      event.stream === 'register'
        ? Object.entries(event.data)
            .filter(([key]) => ['locationId', 'into', 'from'].includes(key))
            .map(([, id]) => id as LocationId)
        : [event.stream as LocationId],
    );
    this.ids = [...new Set(named)].sort();
  }

  /** Whether any event recorded by then is about the place. */
  knows(id: LocationId, { knownAt }: BitemporalPoint): boolean {
    return this.log.events.some(
      (event) =>
        (!knownAt || event.recordedAt <= knownAt) &&
        (event.stream === id || Object.values(event.data).includes(id)),
    );
  }

  at(id: LocationId, point: BitemporalPoint): ReturnType<Folded['fold']> {
    const key = JSON.stringify([id, point]);
    if (!this.folded.has(key)) this.folded.set(key, this.fold(id, point));
    return this.folded.get(key);
  }

  private fold(id: LocationId, point: BitemporalPoint) {
    if (!this.knows(id, point)) return undefined;
    const history = this.projection.history(id, point);
    return { dossier: history, ...locationState(history, ruleset, point) };
  }

  /** The states of the places that are not merged into another by then. */
  states(point: BitemporalPoint): LocationState[] {
    return this.ids.flatMap((id) => {
      const state = this.at(id, point)?.state;
      return state?.id === id ? [state] : [];
    });
  }

  changes(filter: ChangeFilter, point: BitemporalPoint): ChangeItem[] {
    return this.states(point).flatMap(({ id, name, coordinates }) =>
      matches(this.at(id, point)!.state, { bbox: filter.bbox }, ruleset)
        ? changesOf(this.at(id, point)!.history)
            .filter(
              ({ at, to }) =>
                (!filter.from || at >= filter.from) &&
                (!filter.to || at <= filter.to) &&
                (!filter.status || filter.status.includes(to.status)),
            )
            .filter(
              ({ from, to }) =>
                filter.side === undefined || [...from.holders, ...to.holders].includes(filter.side),
            )
            .map((change) => ({ id, name, coordinates, ...change }))
        : [],
    );
  }
}

async function pages<T>(
  list: (page: PageRequest) => Promise<Page<T> | CursorInvalid | undefined>,
  limit: number,
): Promise<T[] | undefined> {
  const all: T[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await list({ limit, cursor });
    if (page === 'cursor-invalid') throw new Error(page);
    if (!page) return undefined;
    all.push(...page.items);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
  }
}

const day = (random: Random) =>
  `2025-11-${String(random.int(1, 12)).padStart(2, '0')}T${random.pick(['00:00:00.000', '23:59:59.999'])}Z`;

const vantageOf = (log: TestLog, random: Random): BitemporalPoint => ({
  asOf: random.chance(0.6) ? day(random) : null,
  knownAt: random.chance(0.6) ? random.pick(log.events).recordedAt : null,
});

const box = (random: Random) =>
  [random.int(-180, 180), random.int(-90, 0), random.int(-180, 180), random.int(0, 90)] as const;

const placeFilter = (log: TestLog, random: Random): LocationFilter => ({
  ...(random.chance(0.4) && {
    status: random.chance(0.5)
      ? random.pick([['claimed', 'claimed'], [random.pick(STATUSES)]] as const)
      : [random.pick(STATUSES), 'unclaimed'],
  }),
  ...(random.chance(0.2) && { side: random.pick(['russia', 'ДНР', 'free legion']) }),
  ...(random.chance(0.2) && { flag: random.pick(FLAGS) }),
  ...(random.chance(0.2) && { q: random.pick(['kup', 'вов', 'bila k', 'nowhere']) }),
  ...(random.chance(0.3) && { bbox: box(random) }),
  ...(random.chance(0.2) && { changedSince: random.pick(log.events).recordedAt }),
});

const changeFilter = (random: Random): ChangeFilter => ({
  ...(random.chance(0.5) && { from: day(random) }),
  ...(random.chance(0.5) && { to: day(random) }),
  ...(random.chance(0.3) && {
    status: random.chance(0.3)
      ? (['claimed', 'claimed'] as const)
      : [random.pick(STATUSES), random.pick(STATUSES)],
  }),
  ...(random.chance(0.3) && { side: random.pick(['russia', 'ukraine', 'Free Legion']) }),
  ...(random.chance(0.3) && { bbox: box(random) }),
});

async function expectPlace(
  models: ModelQueries,
  folded: Folded,
  id: LocationId,
  point: BitemporalPoint,
): Promise<void> {
  const then = folded.at(id, point);
  const answer = await models.place(id, point);
  expect(answer?.json).toBe(
    then && JSON.stringify({ ...then.state, ...(then.state.id !== id && { mergedFrom: id }) }),
  );
  expect(await pages((page) => models.history(id, point, page), 3)).toEqual(then?.history);

  const timeline = await pages((page) => models.timeline(id, point, page), 4);
  const seen = then?.dossier.timeline
    .map((said) => ({ said, bearing: visibilityOf(said, point) }))
    .filter(({ bearing }) => bearing !== 'unseen');
  const inOrder = seen
    ?.map(({ said, bearing }) => ({
      key: `${said.statedAt} ${said.publishedAt} ${said.statementId}`,
      voided: bearing === 'voided',
      counts: bearing === 'counts',
    }))
    .sort((x, y) => (x.key < y.key ? -1 : 1));
  const shown = timeline?.map(({ statedAt, publishedAt, statementId, voided, retracted }) => ({
    key: `${statedAt} ${publishedAt} ${statementId}`,
    voided: voided !== null,
    counts: voided === null && retracted === null,
  }));
  expect(shown).toEqual(inOrder);
  expect(timeline?.map(({ place }) => place)).toEqual(
    seen?.map(() => ({ id: then!.state.id, name: then!.state.name })),
  );
}

async function expectComparison(
  models: ModelQueries,
  folded: Folded,
  id: LocationId,
  a: BitemporalPoint,
  b: BitemporalPoint,
): Promise<void> {
  const [before, after] = [folded.at(id, a), folded.at(id, b)];
  const compared = await models.compare(id, a, b, { limit: 500 });
  if (!before && !after) return expect(compared).toBeUndefined();
  if (!compared || compared === 'cursor-invalid') throw new Error(compared);
  const shown = (state?: LocationState) =>
    state ? { ...state, ...(state.id !== id && { mergedFrom: id }) } : null;
  expect([compared.a, compared.b]).toEqual([shown(before?.state), shown(after?.state)]);
  const { statements, ...difference } = compared.differences;
  expect(difference).toEqual(differenceOf(before?.state ?? null, after?.state ?? null));

  const bearing = (then: typeof before, point: BitemporalPoint, statementId: string) => {
    const said = then?.dossier.timeline.find((one) => one.statementId === statementId);
    return said ? visibilityOf(said, point) : 'unseen';
  };
  const all = [
    ...new Set(
      [...(before?.dossier.timeline ?? []), ...(after?.dossier.timeline ?? [])].map(
        ({ statementId }) => statementId,
      ),
    ),
  ];
  const expected = all
    .map((statementId) => ({
      statementId,
      a: bearing(before, a, statementId),
      b: bearing(after, b, statementId),
    }))
    .filter((one) => one.a !== one.b);
  const told = statements.items.map(({ statement, ...rest }) => ({
    statementId: statement.statementId,
    ...rest,
  }));
  expect(told.toSorted((x, y) => (x.statementId < y.statementId ? -1 : 1))).toEqual(
    expected.sort((x, y) => (x.statementId < y.statementId ? -1 : 1)),
  );
  expect(statements.nextCursor).toBeNull();
  // The place has its name as of the moment at which the statement is shown.
  const placeOf = (state?: LocationState) => state && { id: state.id, name: state.name };
  for (const { statement, b: stands } of statements.items)
    expect(statement.place).toEqual(placeOf(stands === 'unseen' ? before?.state : after?.state));
}

describe('what was said and known by some time', () => {
  it('is so for long timelines, asked for again and again while more is said', async () => {
    const log = seedLog(7, 2000);
    const random = new Random(7);
    const { projector, models } = await newGeneration(pool, log, 'long');
    await projector.handle(log.events);
    const long = new Folded(log).states({}).filter(({ statements }) => statements >= LONG);
    expect(long.length).toBeGreaterThan(0);
    for (let round = 0; round < 4; round++) {
      const folded = new Folded(log);
      for (const { id, merged } of long)
        for (let n = 0; n < 8; n++) {
          const [point, asked] = [vantageOf(log, random), random.pick([id, ...merged])];
          const then = folded.at(asked, point);
          expect((await models.place(asked, point))?.json).toBe(
            then && JSON.stringify({ ...then.state, ...(then.state.id !== asked && { mergedFrom: asked }) }),
          );
        }
      const claims = [1, 2].map(() =>
        log.claim(random.pick(long).id, {
          statedAt: `2025-11-${random.int(10, 20)}`,
          speaker: { party: random.pick(['russia', 'ukraine']) },
        }),
      );
      await projector.handle([
        ...claims,
        log.retract(claims[0]!, '2025-11-05'),
        ...log.command({ kind: 'unmerge', id: random.pick(long.flatMap(({ merged }) => merged)) }),
      ]);
    }
  });

  for (let seed = 101; seed <= 100 + SEEDS; seed++)
    it(`is what folding the log gives (${seed})`, async () => {
      const log = seedLog(seed, 120);
      const random = new Random(seed);
      const { generation, projector, models } = await newGeneration(pool, log, `v${seed}`);
      await projector.handle(log.events);
      const folded = new Folded(log);

      for (let n = 0; n < QUESTIONS; n++) {
        const point = vantageOf(log, random);
        for (const id of folded.ids) await expectPlace(models, folded, id, point);

        const filter = n === 0 ? {} : placeFilter(log, random);
        const states = folded.states(point).filter((state) => matches(state, filter, ruleset));
        expect([
          filter,
          await pages((page) => models.placesAt(filter, point, page), random.int(1, 9)),
        ]).toEqual([filter, states.map((state) => JSON.stringify(state))]);

        const placeOf = new Map(
          folded
            .states(point)
            .flatMap(({ id, name, merged }) => [id, ...merged].map((one) => [one as string, { id, name }])),
        );
        const said = (await pages((page) => models.statements(point, page), random.int(1, 50)))!;
        expect(said.map(({ place }) => place)).toEqual(said.map(({ locationId }) => placeOf.get(locationId)));

        const other = vantageOf(log, random);
        for (const id of folded.ids) await expectComparison(models, folded, id, point, other);
      }

      for (let n = 0; n < QUESTIONS; n++) {
        const filter = n === 0 ? {} : changeFilter(random);
        const { knownAt } = vantageOf(log, random);
        const expected = folded.changes(filter, { knownAt });
        if (!knownAt)
          expected.sort((x, y) => (x.at === y.at ? (x.id < y.id ? -1 : 1) : x.at < y.at ? -1 : 1));
        expect([
          filter,
          await pages((page) => models.changes(filter, knownAt ?? null, page), random.int(1, 9)),
        ]).toEqual([filter, expected]);
      }
      await pool.query(`drop schema ${generation.schema} cascade`);
    });
});

/** Every page of a list, as answered. */
async function answered<T>(
  list: (page: PageRequest) => Promise<Page<T> | CursorInvalid>,
  limit: number,
): Promise<Page<T>[]> {
  const all: Page<T>[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await list({ limit, cursor });
    if (page === 'cursor-invalid') throw new Error(page);
    all.push(page);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
  }
}

/** Questions as known at a time, with their answers now; to be repeated later. */
async function askedOf(
  models: ModelQueries,
  log: TestLog,
  random: Random,
  knownAt: string,
  most: number,
): Promise<(() => Promise<void>)[]> {
  const again: (() => Promise<void>)[] = [];
  for (let n = 0; n < 2 * QUESTIONS; n++) {
    const [filter, changed, limit] = [
      n === 0 ? {} : placeFilter(log, random),
      changeFilter(random),
      random.int(Math.ceil(most / 4), most),
    ];
    const vantage = { ...vantageOf(log, random), knownAt };
    const asked = {
      ruleset: random.chance(0.3) ? { ...ruleset, version: 'of-another-name' } : undefined,
    } as { ruleset?: typeof ruleset };
    const lists = {
      places: () => answered<unknown>((page) => models.placesAt(filter, vantage, page, asked), limit),
      statements: () => answered<unknown>((page) => models.statements(vantage, page), limit),
      changes: () => answered<unknown>((page) => models.changes(changed, knownAt, page, asked), limit),
    };
    for (const [list, ask] of Object.entries(lists)) {
      const first = await ask();
      again.push(async () =>
        expect([list, filter, changed, vantage, await ask()]).toEqual([
          list,
          filter,
          changed,
          vantage,
          first,
        ]),
      );
    }
  }
  return again;
}

const numbered = (n: number) => `p-${String(n).padStart(5, '0')}` as LocationId;

/** A new place, with its own or reported coordinates. */
function newPlace(log: TestLog, random: Random, id: LocationId) {
  const coordinates = [random.int(-180, 180), random.int(-90, 90)];
  if (random.chance(0.5))
    log.command({
      kind: 'reconcile',
      id,
      names: [{ name: random.pick(['Kupyansk', 'Vovchansk']) }],
      country: 'UA',
      coordinates,
    });
  return log.claim(log.mention(id), {
    location: { name: `Place ${id}`, country: 'UA', coordinates },
    stance: random.pick(['assert', 'deny']),
    statedAt: `2025-11-${random.int(10, 20)}`,
    speaker: { party: random.pick(['russia', 'ukraine']) },
  });
}

describe('pages of what was known by some time', () => {
  for (let seed = 201; seed <= 200 + SEEDS; seed++)
    it(`stay, whatever is recorded later (${seed})`, async () => {
      const log = seedLog(seed, 120);
      const random = new Random(seed);
      const { generation, projector, models } = await newGeneration(pool, log, `p${seed}`);
      const knownAt = random.pick(log.events).recordedAt;
      await projector.handle(log.events.filter(({ recordedAt }) => recordedAt <= knownAt));
      const again = await askedOf(models, log, random, knownAt, 3);
      await projector.handle(log.events);
      for (const ask of again) await ask();
      await pool.query(`drop schema ${generation.schema} cascade`);
    });

  // One page folds at most 1,000 places.
  for (const places of [30, 1000, 1001])
    it(`stay, where ${places} places were known and 1,100 come later`, async () => {
      const random = new Random(places);
      const log = new TestLog(random, 4);
      const claims = Array.from({ length: places }, (_, n) => newPlace(log, random, numbered(2 * n)));
      const { generation, projector, models } = await newGeneration(pool, log, `many${places}`);
      await projector.handle(log.events);
      const knownAt = log.events.at(-1)!.recordedAt;
      const again = await askedOf(models, log, random, knownAt, 200);
      const [whole] = await answered((page) => models.placesAt({}, { knownAt }, page), 500);
      expect(whole!.nextCursor === null).toBe(places <= 500);
      // A remaining place means that there are more; one that was added later does not.
      expect(
        await answered((page) => models.placesAt({ q: 'nowhere' }, { knownAt }, page), 500),
      ).toHaveLength(places <= 1000 ? 1 : 2);
      expect(await answered((page) => models.changes({ side: 'nobody' }, knownAt, page), 500)).toHaveLength(
        places <= 1000 ? 1 : 2,
      );

      const told = log.events.length;
      for (let n = 0; n < 1100; n++) newPlace(log, random, numbered(2 * n + 1));
      for (const claim of claims.filter(() => random.chance(0.3))) {
        const id = claim.stream as LocationId;
        const acts = [
          () =>
            log.claim(id, {
              speaker: { party: 'ukraine' },
              claim: { predicate: 'fighting' },
              location: { name: 'Elsewhere', coordinates: [random.int(-180, 180), 0] },
            }),
          () => log.retract(claim, '2025-11-30'),
          () => log.mark(claim, true),
          () =>
            log.command({ kind: 'position', id, coordinates: [random.int(-180, 180), random.int(-90, 90)] }),
          () =>
            log.command({
              kind: 'merge',
              id,
              into: random.chance(0.5) ? numbered(random.int(0, 2199)) : random.pick(claims).stream,
            }),
        ];
        random.pick(acts)();
      }
      await projector.handle(log.events.slice(told));
      for (const ask of again) await ask();
      await pool.query(`drop schema ${generation.schema} cascade`);
    }, 120_000);
});
