import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LocationId, LocationState, RecordedEvent, PlaceCommand, BitemporalPoint } from '#libs/domain';
import {
  type CommandExecutor,
  RecordStatements,
  ChangePlace,
  RetractStatement,
  SetStatementVoided,
} from '#libs/commands';
import { Register } from '#libs/places';
import { type EventStore } from '#libs/log';
import type { CursorInvalid, LocationFilter, LocationOrder, Page, PageRequest } from '#libs/queries';
import type { Projector } from '#libs/projection';
import { openStore, valueOf } from '../../../tests/support/opened-store.js';
import { Random } from '../../../tests/support/random.js';
import { War } from '../../../tests/support/war.js';
import { newGeneration } from '../../../tests/support/generations.js';
import { ruleset } from '../../../tests/support/test-log.js';
import { commandsOn } from '../../../tests/support/commands.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';

// Lists are read page by page under constant changes. Shards are projected independently, so that an event recorded first
// may be seen last.

const SHARDS = 4;
const random = new Random(11);
const war = new War(random, { places: 24, unknown: 8 });

let store: EventStore;
let close: () => Promise<void>;
let models: ModelQueries;
let projector: Projector;
let commands: CommandExecutor;
let register: Register;
const recorded: { id: string; said: ReturnType<War['statement']> }[] = [];

beforeAll(async () => {
  ({ store, close } = await openStore({ shards: SHARDS }));
  ({ models, projector } = await newGeneration(store.pool, store));
  register = new Register(store);
  commands = commandsOn(store, ruleset);
  await register.reconcile(
    Array.from({ length: war.registered }, (_, at) => ({
      ...war.place(at),
      id: war.place(at).id as LocationId,
    })),
  );
  await say(150);
  await project(1);
}, 60_000);
afterAll(() => close());

async function say(many: number): Promise<void> {
  const said = Array.from({ length: many }, () => war.statement());
  (await commands.execute(new RecordStatements(said))).forEach((receipt, at) =>
    recorded.push({ id: valueOf(receipt).statementId!, said: said[at]! }),
  );
}

/** Projects some shards up to their heads, each with this probability. */
async function project(chance: number): Promise<void> {
  const reached = await projector.position();
  const events: RecordedEvent[] = [];
  for (let shard = 0; shard < SHARDS; shard++)
    if (random.chance(chance)) events.push(...(await store.readShard(shard, reached.get(shard) ?? 0, 1000)));
  await projector.handle(events);
}

/** A command to the register; a refused one changes nothing. */
const command = (one: { id: string; kind: string } & Record<string, unknown>) =>
  commands.execute(new ChangePlace(one as unknown as PlaceCommand));

/** What happens between two pages. */
async function goOn(): Promise<void> {
  const place = () => `war-${random.int(0, war.registered - 1)}`;
  await say(random.int(1, 2));
  if (random.chance(0.3)) {
    const { id, said } = random.pick(recorded);
    await commands.execute(new RetractStatement(id, war.retraction(said)));
  }
  if (random.chance(0.3))
    await commands.execute(
      new SetStatementVoided(random.pick(recorded).id, random.chance(0.6), {
        by: 'curator',
        reason: 'a mistake',
      }),
    );
  if (random.chance(0.3))
    await command({ kind: random.chance(0.5) ? 'merge' : 'unmerge', id: place(), into: place() });
  if (random.chance(0.5)) await rename(place());
  await project(0.5);
}

/** Removes the first name of a place, so that another one counts. */
async function rename(id: string): Promise<void> {
  const found = await models.place(id);
  if (!found) return;
  await command({
    kind: 'add-name',
    id,
    toponym: { name: `${random.pick(['A', 'K', 'Z'])}${random.int(1, 10_000)}` },
  });
  await command({ kind: 'remove-name', id, name: (JSON.parse(found.json) as LocationState).name });
}

type List<T> = (page: PageRequest) => Promise<Page<T> | CursorInvalid | undefined>;

function valid<T>(page: Page<T> | CursorInvalid | undefined): Page<T> {
  if (page === undefined || page === 'cursor-invalid') throw new Error(String(page));
  return page;
}

/**
 * Reads a list to its end under constant changes.
 * @param whole the same list at one moment, complete
 * @returns the keys of the items read, in order, and of the items that were in the list at every moment meanwhile
 */
async function readMeanwhile<T>(list: List<T>, whole: List<T>, keyOf: (item: T) => string, limit: number) {
  const keysNow = async () => new Set(valid(await whole({ limit: 500 })).items.map(keyOf));
  const read: string[] = [];
  let lasting = new Set<string>();
  let pages = 0;
  for (let cursor: string | undefined; ; await goOn()) {
    const now = await keysNow();
    lasting = pages === 0 ? now : new Set([...lasting].filter((key) => now.has(key)));
    const page = valid(await list({ limit, cursor }));
    expect(page.items.length).toBeLessThanOrEqual(limit);
    read.push(...page.items.map(keyOf));
    if (page.nextCursor === null) return { read, lasting };
    cursor = page.nextCursor;
    expect((pages += 1)).toBeLessThan(1000);
  }
}

const leftOut = ({ read, lasting }: { read: string[]; lasting: Set<string> }) =>
  [...lasting].filter((key) => !read.includes(key));
const idOf = (json: string) => (JSON.parse(json) as LocationState).id as string;

const FILTERS: [name: string, filter: () => LocationFilter][] = [
  ['', () => ({})],
  [' of a status', () => ({ status: ['contested', 'claimed', 'conceded'] })],
  [' of a side', () => ({ side: 'russia' })],
  [' in a box', () => ({ bbox: [32, 46, 40, 51] })],
  [' with a name', () => ({ q: 'oka' })],
  [' changed of late', () => ({ changedSince: new Date(Date.now() - 1000).toISOString() })],
];

describe('places, read page by page while statements come in', () => {
  for (const order of ['id', 'name', 'changed', 'statements'] satisfies LocationOrder[])
    for (const [name, filter] of order === 'id' ? FILTERS.slice(0, 2) : FILTERS)
      it(`by ${order}${name}: none is left out that was there all along`, async () => {
        const asked = filter();
        const found = await readMeanwhile(
          (page) => models.places(asked, order, page),
          (page) => models.places(asked, 'id', page),
          idOf,
          3,
        );
        expect(leftOut(found)).toEqual([]);
        if (name === '') expect(found.lasting.size).toBeGreaterThan(5);
      }, 60_000);

  for (const [name, vantageOf] of [
    ['as of a time', () => ({ asOf: '2024-06-01T00:00:00.000Z', knownAt: null })],
    ['as known at a time', () => ({ asOf: null, knownAt: new Date().toISOString() })],
  ] satisfies [string, () => BitemporalPoint][])
    for (const [which, filter] of FILTERS.slice(1, 3))
      it(`${name}${which}: none is left out`, async () => {
        await project(1);
        const [vantage, asked] = [vantageOf(), filter()];
        const list: List<string> = (page) => models.placesAt(asked, vantage, page);
        expect(leftOut(await readMeanwhile(list, list, idOf, 4))).toEqual([]);
      }, 60_000);

  it('come once each and in order where nothing changes meanwhile, without a page more', async () => {
    await project(1);
    const all = valid(await models.places({}, 'id', { limit: 500 })).items.map(
      (json) => JSON.parse(json) as LocationState,
    );
    for (const order of ['changed', 'statements', 'name'] as const)
      for (const limit of [1, 7, all.length]) {
        const read: LocationState[] = [];
        let pages = 0;
        for (let cursor: string | null | undefined; cursor !== null; pages++) {
          const page: Page<string> = valid(await models.places({}, order, { limit, cursor }));
          read.push(...page.items.map((json) => JSON.parse(json) as LocationState));
          cursor = page.nextCursor;
        }
        expect(pages).toBe(Math.ceil(all.length / limit));
        expect(read.map(({ id }) => id).toSorted()).toEqual(all.map(({ id }) => id).toSorted());
        if (order !== 'name') {
          const keys = read.map((one) => (order === 'changed' ? one.lastRecordedAt! : one.statements));
          expect(keys).toEqual(keys.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0)));
        }
      }
  });

  it('that change come again at the end, by id, and no others', async () => {
    await project(1);
    const ids = async () => valid(await models.places({}, 'changed', { limit: 500 })).items.map(idOf);
    const before = await ids();
    const touched = before
      .filter((id) => id.startsWith('war-'))
      .slice(0, 2)
      .toSorted();
    const first = valid(await models.places({}, 'changed', { limit: before.length - 2 }));
    expect(first.items.map(idOf)).toEqual(before.slice(0, -2));
    (
      await commands.execute(
        new RecordStatements(touched.map((id) => ({ ...war.statement(), location: { id } }))),
      )
    ).map(valueOf);
    await project(1);
    const read: string[] = [];
    for (let cursor = first.nextCursor; cursor !== null;) {
      const page: Page<string> = valid(await models.places({}, 'changed', { limit: 3, cursor }));
      read.push(...page.items.map(idOf));
      cursor = page.nextCursor;
    }
    expect(read).toEqual([...before.slice(-2).filter((id) => !touched.includes(id)), ...touched]);
    expect((await ids()).slice(0, 2).toSorted()).toEqual(touched);
  });
});

describe('other lists, read while statements come in', () => {
  const SPOKEN = 'war-0';
  const statementId = ({ statementId: id }: { statementId: string }) => id;

  it('statements: none is left out', async () => {
    for (const filter of [{}, { predicate: 'captured' as const }, { asOf: '2024-06-01T00:00:00.000Z' }]) {
      const list: List<{ statementId: string }> = (page) => models.statements(filter, page);
      const found = await readMeanwhile(list, list, statementId, 60);
      expect(leftOut(found)).toEqual([]);
      expect(found.lasting.size).toBeGreaterThan(5);
    }
  }, 60_000);

  it('a timeline: none is left out', async () => {
    for (const order of ['asc', 'desc'] as const) {
      const list: List<{ statementId: string }> = (page) => models.timeline(SPOKEN, { order }, page);
      expect(leftOut(await readMeanwhile(list, list, statementId, 2))).toEqual([]);
    }
  }, 60_000);

  it('changes and histories: none is left out that keeps its time', async () => {
    for (const filter of [{}, { side: 'russia' }, { status: ['contested' as const] }]) {
      const list: List<{ id: string; at: string }> = (page) => models.changes(filter, null, page);
      expect(
        leftOut(
          await readMeanwhile(
            (page) => list({ ...page, limit: 20 }),
            list,
            ({ id, at }) => `${id} ${at}`,
            20,
          ),
        ),
      ).toEqual([]);
    }
    const history: List<{ from: string }> = (page) => models.history(SPOKEN, {}, page);
    expect(leftOut(await readMeanwhile(history, history, ({ from }) => from, 1))).toEqual([]);
  }, 60_000);
});
