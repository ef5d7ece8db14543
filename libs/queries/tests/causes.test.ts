import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ChangeFilter, ChangeItem, ChangesShown } from '#libs/queries';
import { newGeneration, openDatabase } from '../../../tests/support/generations.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';
import { seedLog, TestLog } from '../../../tests/support/test-log.js';

const opened: (() => Promise<void>)[] = [];
/** A log of many changes. */
let long: ModelQueries;
beforeAll(async () => (long = await modelsOf(seedLog(11, 300, 6))));
afterAll(async () => {
  for (const close of opened) await close();
});

async function modelsOf(log: TestLog): Promise<ModelQueries> {
  const { pool, close } = await openDatabase();
  opened.push(close);
  const { models, projector } = await newGeneration(pool, log);
  await projector.handle(log.events);
  return models;
}

/** All changes, page by page. */
async function all(
  models: ModelQueries,
  filter: ChangeFilter,
  shown?: ChangesShown,
  knownAt: string | null = null,
  limit = 7,
): Promise<ChangeItem[]> {
  const items: ChangeItem[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await models.changes(filter, knownAt, { limit, cursor }, {}, shown);
    if (page === 'cursor-invalid') throw new Error(page);
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = page.nextCursor;
  }
}

describe('changes, newest first', () => {
  const FILTERS: ChangeFilter[] = [
    {},
    { status: ['contested'] },
    { status: ['contested', 'denied', 'claimed'], side: 'russia' },
    { from: '2025-11-05T00:00:00.000Z', to: '2025-11-12T23:59:59.999Z' },
  ];

  it('are the oldest first, turned round, in pages of any length', async () => {
    for (const filter of FILTERS) {
      const oldest = await all(long, filter);
      expect(oldest.length).toBeGreaterThan(1);
      for (const limit of [4, 500])
        expect(await all(long, filter, { order: 'newest' }, null, limit)).toEqual(oldest.toReversed());
    }
  });

  it('have cursors of their own', async () => {
    const page = await long.changes({}, null, { limit: 1 }, {}, { order: 'newest' });
    const { nextCursor } = page as { nextCursor: string };
    expect(await long.changes({}, null, { limit: 1, cursor: nextCursor })).toBe('cursor-invalid');
  });
});

describe('what caused a change', () => {
  it('is a statement, or the retraction of one; also of a place that was merged', async () => {
    const log = new TestLog();
    log.command({ kind: 'reconcile', id: 'kup', names: [{ name: 'Kupiansk' }], country: 'UA' });
    log.mention('old');
    log.command({ kind: 'merge', id: 'old', into: 'kup' });
    const claim = log.claim('kup', {
      statedAt: '2025-11-20',
      speaker: { name: 'Valery Gerasimov', party: 'russia' },
    });
    const denial = log.claim('old', {
      stance: 'deny',
      claim: { predicate: 'lost', actor: 'ukraine' },
      speaker: { party: 'ukraine' },
      statedAt: '2025-11-21',
    });
    const retraction = log.retract(claim, '2025-11-22');
    const models = await modelsOf(log);
    const of = (items: ChangeItem[]) =>
      items.map(({ to, eventId, statement }) => [
        to.status,
        eventId,
        statement?.statementId,
        statement?.retracted?.eventId,
      ]);
    const expected = [
      ['claimed', claim.eventId, claim.statementId, retraction.eventId],
      ['contested', denial.eventId, denial.statementId, undefined],
      ['claimed', retraction.eventId, claim.statementId, retraction.eventId],
    ];
    expect(of(await all(models, {}, { statement: true }))).toEqual(expected);
    // As known before it was retracted, it is not.
    const [first] = await all(models, {}, { statement: true }, denial.recordedAt);
    expect(first!.statement).toMatchObject({
      statementId: claim.statementId,
      speaker: { name: 'Valery Gerasimov', party: 'russia' },
      retracted: null,
    });
    expect((await all(models, {}))[0]).not.toHaveProperty('statement');
  });

  it('is there for every change of a long log', async () => {
    const items = await all(long, {}, { statement: true });
    expect(items.length).toBeGreaterThan(10);
    for (const { eventId, statement } of items)
      expect([statement?.eventId, statement?.retracted?.eventId]).toContain(eventId);
  });
});
