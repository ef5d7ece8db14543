import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type pg from 'pg';
import type { LocationState } from '#libs/domain';
import {
  GetPlace,
  type CursorInvalid,
  type LocationFilter,
  type LocationOrder,
  type Page,
  type PageRequest,
  type QueryOptions,
  type StatementFilter,
  type StatementItem,
  type TimelineFilter,
} from '#libs/queries';
import type { Projector } from '#libs/projection';
import { newGeneration, openDatabase } from '../../../tests/support/generations.js';
import { ruleset, TestLog } from '../../../tests/support/test-log.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';

let pool: pg.Pool;
let close: () => Promise<void>;
let models: ModelQueries;
let projector: Projector;
const log = new TestLog();

const claims = {} as Record<'first' | 'second' | 'third' | 'swapped' | 'taken', ReturnType<TestLog['claim']>>;
const GERASIMOV = { party: 'russia', name: 'Valery Gerasimov', role: 'Chief of the General Staff' };
const URL_ = `https://example.org/${'long/'.repeat(300)}`;

beforeAll(async () => {
  ({ pool, close } = await openDatabase());
  ({ models, projector } = await newGeneration(pool, log));
  const place = (id: string, names: string[], coordinates: [number, number], region = 'Kharkiv') =>
    log.command({
      kind: 'reconcile',
      id,
      names: names.map((name) => ({ name })),
      coordinates,
      country: 'UA',
      region,
    });
  place('kup', ['Kupiansk', 'Kupyansk', "Куп'янськ"], [37.6, 49.7]);
  place('vov', ['Vovchansk', 'Volchansk', 'Вовчанськ'], [36.94, 50.29]);
  place('bil', ['Bila-Krynytsia', '100%_sure'], [179.5, 10]);
  place('far', ['Farside'], [-179.5, 10], 'Elsewhere');
  log.mention('old');
  log.command({ kind: 'merge', id: 'old', into: 'kup' });

  claims.first = log.claim('kup', {
    statementId: '00000000-0000-4000-8000-000000000001',
    speaker: GERASIMOV,
    via: ['TASS'],
    claim: { predicate: 'captured', actor: 'Russia', target: 'a garrison' },
    occurredAt: { from: '2025-11-19' },
    source: {
      outlet: 'Example.org',
      url: URL_,
      language: 'en',
      quote: 'It is ours',
      span: { start: 1, end: 9 },
    },
    grading: { reliability: 'C', credibility: 3 },
    extraction: { method: 'rules', version: '1.0.0' },
    by: 'worker-7',
    reason: 'daily run',
  });
  claims.second = log.claim('old', {
    stance: 'deny',
    claim: { predicate: 'lost', actor: 'ukraine' },
    speaker: { party: 'Ukrainian military' },
    statedAt: '2025-11-21',
    source: { outlet: 'example.org', quote: 'Never' },
  });
  claims.third = log.claim('kup', {
    claim: { predicate: 'fighting' },
    speaker: { name: 'First Monitor' },
    statedAt: '2025-11-22T10:00:00.123Z',
  });
  claims.swapped = log.claim('kup', {
    claim: { predicate: 'withdrew', actor: 'ukraine' },
    speaker: { party: 'ukraine' },
    statedAt: '2025-11-23',
  });
  log.mark(claims.swapped, true);
  claims.taken = log.claim('kup', {
    speaker: GERASIMOV,
    statedAt: '2025-11-24',
    claim: { predicate: 'controls', actor: 'russia', extent: { op: '>', percent: 80 } },
  });
  log.retract(claims.taken, '2025-11-26', { reason: 'later' });
  const retraction = log.retract(claims.taken, '2025-11-25', {
    source: { outlet: 'wire.example', quote: 'We were wrong' },
    reason: 'wrong',
    by: 'worker-1',
  });
  log.claim('vov', {
    speaker: { party: 'DNR' },
    claim: { predicate: 'controls', actor: 'dnr', extent: { op: '>', percent: 80 } },
  });
  log.claim('nowhere', {
    location: { name: 'Petrovsk' },
    claim: { predicate: 'encircled', actor: 'russia' },
    speaker: { party: 'Free Legion' },
  });
  await projector.handle(log.events);
  await pool.query(
    `insert into claimline.quotes (id, salt, quote) values ($1, 's', 'It is ours'), ($2, null, null), ($3, 's', 'We were wrong')`,
    [claims.first.statementId, claims.second.statementId, retraction.data.retractionId],
  );
});
afterAll(() => close());

function valid<T>(page: Page<T> | CursorInvalid | undefined): Page<T> {
  if (page === undefined || page === 'cursor-invalid') throw new Error(String(page));
  return page;
}

const list = async (filter: LocationFilter, order: LocationOrder = 'id') =>
  valid(await models.places(filter, order, { limit: 50 })).items.map(
    (item) => (JSON.parse(item) as LocationState).id as string,
  );
const timeline = async (filter: TimelineFilter, id = 'kup') =>
  valid(await models.timeline(id, filter, { limit: 50 })).items;
const statements = async (filter: StatementFilter) =>
  valid(await models.statements(filter, { limit: 50 })).items;
const named = (items: readonly StatementItem[]) =>
  items.map(
    ({ statementId }) => Object.entries(claims).find(([, claim]) => claim.statementId === statementId)?.[0],
  );

/** All items of a list, page by page. */
async function pages<T>(
  list: (page: PageRequest) => Promise<Page<T> | CursorInvalid | undefined>,
  limit: number,
  between: () => Promise<unknown> = async () => {},
): Promise<T[]> {
  const all: T[] = [];
  for (let cursor: string | undefined; ;) {
    const page = valid(await list({ limit, cursor }));
    expect(page.items.length).toBeLessThanOrEqual(limit);
    all.push(...page.items);
    if (page.nextCursor === null) return all;
    cursor = page.nextCursor;
    await between();
  }
}

describe('a place', () => {
  it('is answered as it is kept; under a merged id with mergedFrom', async () => {
    const state = await models.place('kup');
    const merged = await models.place('old');
    expect(state!.etag).toMatch(/^"[\w-]+"$/);
    expect(JSON.parse(merged!.json)).toEqual({ ...(JSON.parse(state!.json) as object), mergedFrom: 'old' });
    expect(merged!.etag).not.toBe(state!.etag);
    expect(await models.place('none')).toBeUndefined();
    expect(await models.place('none', {})).toBeUndefined();
    expect(await models.timeline('none', {}, { limit: 5 })).toBeUndefined();
    expect(await models.history('none', {}, { limit: 5 })).toBeUndefined();
    expect(await models.history('far', {}, { limit: 5 })).toEqual({ items: [], nextCursor: null });
    expect((await models.place('kup', {}))!.json).toBe(state!.json);
  });

  it('is the same asked for alone or with others; its text is left out for the tag that it has', async () => {
    const ids = ['kup', 'vov', 'bil', 'far', 'old', 'none', 'no id', ''];
    const asked = async (id: string, unless?: string) => {
      let basis: Parameters<NonNullable<QueryOptions['onBasis']>>[0] | undefined;
      const state = await models.execute(
        new GetPlace(id, undefined, { onBasis: (found) => (basis = found) }, unless),
      );
      return { state, basis: basis && { ...basis, places: basis.places?.() } };
    };
    const alone = new Map<string, Awaited<ReturnType<typeof asked>>>();
    for (const id of ids) alone.set(id, await asked(id));
    expect(alone.get('kup')).toMatchObject({ basis: { places: ['kup', 'old'] } });
    const tags = [...alone.values()].map(({ state }) => state?.etag ?? '"another"');
    const question = fc.record({ id: fc.constantFrom(...ids), unless: fc.constantFrom(undefined, ...tags) });
    const property = async (questions: { id: string; unless: string | undefined }[]) => {
      const answers = await Promise.all(questions.map(({ id, unless }) => asked(id, unless)));
      const expected = questions.map(({ id, unless }) => {
        const { state, basis } = alone.get(id)!;
        const isKnown = state !== undefined && state.etag === unless && id !== 'old';
        return isKnown
          ? { state: { json: '', etag: unless }, basis: { ...basis, places: undefined } }
          : { state, basis };
      });
      expect(answers).toEqual(expected);
    };
    await fc.assert(fc.asyncProperty(fc.array(question, { maxLength: 250 }), property), { numRuns: 50 });
  });

  it('is listed by every filter', async () => {
    expect(await list({})).toEqual(['bil', 'far', 'kup', 'nowhere', 'vov']);
    expect(await list({ status: ['contested'] })).toEqual(['kup']);
    expect(await list({ status: ['contested', 'claimed'] })).toEqual(['kup', 'vov']);
    expect(await list({ side: 'ukraine' })).toEqual(['kup']);
    expect(await list({ side: 'ДНР' })).toEqual(['kup', 'vov']);
    expect(await list({ side: 'nobody' })).toEqual([]);
    expect(await list({ flag: 'encirclement' })).toEqual(['nowhere']);
    expect(await list({ flag: 'partial', side: 'russia', status: ['claimed'] })).toEqual(['vov']);
    expect(await list({ changedSince: log.events.at(-2)!.recordedAt })).toEqual(['nowhere', 'vov']);
  });

  it('is found by any name in any script', async () => {
    for (const q of ['KUPY', 'уп’янс', 'pyan', 'ku', 'к', 'kupiansk'])
      expect([q, await list({ q })]).toEqual([q, ['kup']]);
    expect(await list({ q: 'py' })).toEqual([]);
    expect(await list({ q: 'kr' })).toEqual(['bil']);
    expect(await list({ q: 'bila-k' })).toEqual(['bil']);
    expect(await list({ q: '0%_s' })).toEqual(['bil']);
    expect(await list({ q: '%' })).toEqual([]);
    expect(await list({ q: 'petrovsk' })).toEqual(['nowhere']);
  });

  it('is found in a box, across the antimeridian too', async () => {
    expect(await list({ bbox: [36, 49, 38, 51] })).toEqual(['kup', 'vov']);
    expect(await list({ bbox: [36.94, 50.29, 36.94, 50.29] })).toEqual(['vov']);
    expect(await list({ bbox: [179, 0, -179, 20] })).toEqual(['bil', 'far']);
    expect(await list({ bbox: [-180, -90, 180, 90], q: 'far' })).toEqual(['far']);
  });

  it('is listed in every order', async () => {
    expect(await list({}, 'name')).toEqual(['bil', 'far', 'kup', 'nowhere', 'vov']);
    expect(await list({}, 'changed')).toEqual(['nowhere', 'vov', 'kup', 'far', 'bil']);
    expect((await list({}, 'statements')).slice(0, 3)).toEqual(['kup', 'vov', 'nowhere']);
    for (const order of ['id', 'name', 'changed', 'statements'] as const)
      for (const limit of [1, 2, 5])
        expect((await pages((page) => models.places({}, order, page), limit)).length).toBe(5);
  });

  it('is found as it was', async () => {
    const past = async (filter: LocationFilter, knownAt: string | null, asOf: string | null = null) =>
      (await pages((page) => models.placesAt(filter, { knownAt, asOf }, page), 2)).map(
        (item) => (JSON.parse(item) as LocationState).id as string,
      );
    expect(await past({}, null)).toEqual(await list({}));
    expect(await past({ status: ['contested'] }, claims.first.recordedAt)).toEqual([]);
    expect(await past({ status: ['claimed'] }, claims.first.recordedAt)).toEqual(['kup']);
    expect(await past({}, log.events[1]!.recordedAt)).toEqual(['kup', 'vov']);
    expect(await past({ q: 'куп' }, null, '2025-11-20T23:59:59.999Z')).toEqual(['kup']);
    for (const filter of [
      { q: 'kr' },
      { bbox: [179, 0, -179, 20] as const },
      { side: 'dnr' },
      { flag: 'partial' as const },
    ])
      expect(await past(filter, null)).toEqual(await list(filter));
  });
});

describe('a timeline', () => {
  it('shows all of a statement', async () => {
    const [first] = await timeline({});
    const { claim, shard, position, recordedAt, eventId, statementId } = {
      ...claims.first,
      claim: claims.first.data.claim,
    };
    expect(first).toEqual({
      statementId,
      eventId,
      type: 'claim.asserted',
      stance: 'assert',
      locationId: 'kup',
      place: { id: 'kup', name: 'Kupiansk' },
      claim: { ...claim, actor: 'russia', givenActor: 'Russia' },
      location: { id: 'kup' },
      speaker: { ...GERASIMOV, side: 'russia' },
      via: ['TASS'],
      origin: 'Valery Gerasimov',
      occurredAt: { from: '2025-11-19T00:00:00.000Z', precision: 'day' },
      statedAt: '2025-11-20T00:00:00.000Z',
      statedPrecision: 'day',
      publishedAt: '2025-11-20T00:00:00.000Z',
      publishedPrecision: 'day',
      recordedAt,
      source: {
        outlet: 'Example.org',
        url: URL_,
        language: 'en',
        span: { start: 1, end: 9 },
        publishedAt: '2025-11-20T00:00:00.000Z',
        quote: 'It is ours',
      },
      grading: { reliability: 'C', credibility: 3 },
      extraction: { method: 'rules', version: '1.0.0' },
      by: 'worker-7',
      onBehalfOf: null,
      reason: 'daily run',
      corrects: null,
      retracted: null,
      voided: null,
      shard,
      position,
    });
  });

  it('marks what was retracted, voided, erased, and whose it was', async () => {
    const items = await timeline({});
    expect(named(items)).toEqual(['first', 'second', 'third', 'swapped', 'taken']);
    const [, second, third, swapped, taken] = items;
    expect(second).toMatchObject({
      locationId: 'old',
      speaker: { party: 'ukraine', side: 'ukraine', name: null },
      source: { quote: null, quoteErased: true },
    });
    expect(third).toMatchObject({
      speaker: { party: null, side: 'independent:first monitor' },
      source: null,
      retracted: null,
    });
    expect(swapped).toMatchObject({
      voided: {
        by: 'curator',
        reason: 'a mistake',
        eventId: expect.any(String),
        recordedAt: expect.any(String),
      },
    });
    expect(taken).toMatchObject({
      retracted: {
        statedAt: '2025-11-25T00:00:00.000Z',
        speaker: { name: 'Valery Gerasimov', side: 'russia' },
        source: { outlet: 'wire.example', quote: 'We were wrong' },
        reason: 'wrong',
      },
      voided: null,
    });
    // As it was known before the void, and before the retractions were stated.
    const before = await timeline({ knownAt: claims.swapped.recordedAt });
    expect(before.map(({ voided }) => voided)).toEqual([null, null, null, null]);
    expect((await timeline({ asOf: '2025-11-24T23:59:59.999Z' })).at(-1)!.retracted).toBeNull();
    expect((await timeline({ asOf: '2025-11-25T23:59:59.999Z' })).at(-1)!.retracted).not.toBeNull();
  });

  it('is filtered, ordered and paged', async () => {
    expect(named(await timeline({ order: 'desc' }))).toEqual([
      'taken',
      'swapped',
      'third',
      'second',
      'first',
    ]);
    expect(named(await timeline({ stance: 'deny' }))).toEqual(['second']);
    expect(named(await timeline({ side: 'Russia' }))).toEqual(['first', 'taken']);
    expect(named(await timeline({ side: 'independent:First monitor' }))).toEqual(['third']);
    expect(named(await timeline({ predicate: 'withdrew' }))).toEqual(['swapped']);
    expect(
      named(await timeline({ from: '2025-11-21T00:00:00.000Z', to: '2025-11-22T10:00:00.123Z' })),
    ).toEqual(['second', 'third']);
    expect(named(await timeline({}, 'old'))).toEqual(['first', 'second', 'third', 'swapped', 'taken']);
    for (const order of ['asc', 'desc'] as const)
      expect(await pages((page) => models.timeline('kup', { order }, page), 2)).toEqual(
        await timeline({ order }),
      );
    expect(await pages((page) => models.history('kup', {}, page), 1)).toEqual(
      valid(await models.history('kup', {}, { limit: 50 })).items,
    );
  });
});

describe('statements', () => {
  it('are listed by every filter, newest first', async () => {
    expect(named(await statements({ speaker: 'valery  GERASIMOV' }))).toEqual(['taken', 'first']);
    expect(named(await statements({ party: 'Ukrainian military' }))).toEqual(['swapped', 'second']);
    expect((await statements({ party: 'free legion' })).map(({ locationId }) => locationId)).toEqual([
      'nowhere',
    ]);
    expect(named(await statements({ outlet: 'EXAMPLE.ORG' }))).toEqual(['second', 'first']);
    expect(named(await statements({ url: URL_ }))).toEqual(['first']);
    expect(named(await statements({ predicate: 'fighting' }))).toEqual(['third']);
    expect(named(await statements({ stance: 'deny' }))).toEqual(['second']);
    expect(named(await statements({ stance: 'assert', predicate: 'captured' }))).toEqual(['first']);
    expect(named(await statements({ speaker: 'valery gerasimov', predicate: 'captured' }))).toEqual([
      'first',
    ]);
    expect(
      named(await statements({ from: '2025-11-21T00:00:00.000Z', to: '2025-11-22T10:00:00.123Z' })),
    ).toEqual(['third', 'second']);
    const all = await statements({});
    expect(all).toHaveLength(7);
    expect(all.map(({ statedAt }) => statedAt)).toEqual(
      all
        .map(({ statedAt }) => statedAt)
        .toSorted()
        .toReversed(),
    );
    expect(await pages((page) => models.statements({}, page), 2)).toEqual(all);
    expect(await pages((page) => models.statements({ stance: 'assert' }, page), 2)).toEqual(
      all.filter(({ stance }) => stance === 'assert'),
    );
  });

  it('come one by one, with their place', async () => {
    const one = await models.statement(claims.second.statementId!);
    expect(one).toMatchObject({
      locationId: 'old',
      place: { id: 'kup', name: 'Kupiansk' },
      retracted: null,
      voided: null,
    });
    expect(await models.statement('00000000-0000-4000-8000-00000000ffff')).toBeUndefined();
  });
});

describe('cursors', () => {
  it('are good for their own list only', async () => {
    const { nextCursor } = valid(await models.places({}, 'id', { limit: 1 }));
    const cursor = nextCursor!;
    expect(await models.places({ flag: 'partial' }, 'id', { limit: 1, cursor })).toBe('cursor-invalid');
    expect(await models.places({}, 'name', { limit: 1, cursor })).toBe('cursor-invalid');
    expect(await models.statements({}, { limit: 1, cursor })).toBe('cursor-invalid');
    const forged = (after: unknown) =>
      Buffer.from(
        JSON.stringify({ ...(JSON.parse(Buffer.from(cursor, 'base64url').toString()) as object), after }),
      ).toString('base64url');
    for (const broken of [
      '',
      'x',
      '%00',
      Buffer.from('null').toString('base64url'),
      forged('bil'),
      forged([1]),
      forged([]),
      forged(['a\0b']),
      forged(['a', 'b']),
    ])
      expect([broken, await models.places({}, 'id', { limit: 1, cursor: broken })]).toEqual([
        broken,
        'cursor-invalid',
      ]);
    const statement = valid(await models.statements({}, { limit: 1 })).nextCursor!;
    const { list } = JSON.parse(Buffer.from(statement, 'base64url').toString()) as { list: string };
    for (const after of [
      ['2025-13-01T00:00:00.000Z', 'x', 'y'],
      ['2025-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z', 'y'],
    ])
      expect(
        await models.statements(
          {},
          { limit: 1, cursor: Buffer.from(JSON.stringify({ after, list })).toString('base64url') },
        ),
      ).toBe('cursor-invalid');
    const moving = valid(await models.places({}, 'changed', { limit: 1 })).nextCursor!;
    expect(await models.places({}, 'statements', { limit: 1, cursor: moving })).toBe('cursor-invalid');
    const { list: changed } = JSON.parse(Buffer.from(moving, 'base64url').toString()) as { list: string };
    for (const positions of ['x!', '1..2', '-1', '12345678901', Array(1025).fill('1').join('.'), 1])
      expect(
        await models.places({}, 'changed', {
          limit: 1,
          cursor: Buffer.from(
            JSON.stringify({ after: [positions, '2025-01-01T00:00:00.000Z', 'y'], list: changed }),
          ).toString('base64url'),
        }),
      ).toBe('cursor-invalid');
    for (const positions of ['', 'zzzzzzzzzz', Array(1024).fill('zzzzzzzzzz').join('.')])
      expect(
        await models.places({}, 'changed', {
          limit: 1,
          cursor: Buffer.from(
            JSON.stringify({ after: [positions, '2025-01-01T00:00:00.000Z', 'y'], list: changed }),
          ).toString('base64url'),
        }),
      ).not.toBe('cursor-invalid');
    for (const broken of ['', 'x']) {
      expect(await models.timeline('kup', {}, { limit: 1, cursor: broken })).toBe('cursor-invalid');
      expect(await models.history('kup', {}, { limit: 1, cursor: broken })).toBe('cursor-invalid');
      expect(await models.placesAt({}, {}, { limit: 1, cursor: broken })).toBe('cursor-invalid');
    }
  });

  it('skip and repeat nothing while rows come in', async () => {
    const before = named(await statements({})).length;
    let more = 0;
    const seen = await pages(
      (page) => models.statements({ from: '2025-11-01T00:00:00.000Z' }, page),
      2,
      async () =>
        projector.handle([
          log.claim('vov', { statedAt: '2025-12-01', speaker: { name: `Reader ${(more += 1)}` } }),
        ]),
    );
    expect(seen).toHaveLength(before);
    expect(new Set(seen.map(({ statementId }) => statementId)).size).toBe(before);
    expect(await statements({})).toHaveLength(before + more);
    expect(ruleset.version).toBe((await models.ruleset()).version);
  });
});
