import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import {
  CountOutcomes,
  type CursorInvalid,
  type Page,
  type StatementFilter,
  type StatementItem,
} from '#libs/queries';
import { newGeneration, openDatabase } from '../../../tests/support/generations.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';
import { seedLog, TestLog } from '../../../tests/support/test-log.js';

let pool: pg.Pool;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ pool, close } = await openDatabase());
});
afterAll(() => close());

function valid<T>(page: Page<T> | CursorInvalid): Page<T> {
  if (page === 'cursor-invalid') throw new Error(page);
  return page;
}

/** All statements of a filter, page by page. */
async function all(models: ModelQueries, filter: StatementFilter, limit = 2): Promise<StatementItem[]> {
  const items: StatementItem[] = [];
  for (let cursor: string | undefined; ;) {
    const page = valid(await models.statements(filter, { limit, ...(cursor !== undefined && { cursor }) }));
    items.push(...page.items);
    if (page.nextCursor === null) return items;
    cursor = page.nextCursor;
  }
}

describe('statements by words of their quotes', () => {
  const log = new TestLog();
  let models: ModelQueries;
  const quotes = new Map<string, string>();
  const said = (quote: string, more: object = {}) => {
    const { statementId } = log.claim('kup', { source: { outlet: 'wire.example', quote }, ...more });
    quotes.set(statementId!, quote);
    return statementId!;
  };
  const found = async (filter: StatementFilter) =>
    (await all(models, filter)).map(({ source }) => source?.quote);

  beforeAll(async () => {
    const own = await newGeneration(pool, log, 'words');
    ({ models } = own);
    said('Місто звільнили вчора', {
      statedAt: '2025-11-20',
      speaker: { party: 'ukraine', name: 'General Staff' },
    });
    said('Ми звільнили Куп’янськ', { statedAt: '2025-11-22', speaker: { party: 'russia' } });
    said('We freed the city', { statedAt: '2025-11-21', stance: 'deny' });
    said('звільнили', { statedAt: '2025-11-23' });
    log.claim('kup', { statedAt: '2025-11-24' });
    for (const [id, quote] of quotes)
      await pool.query(`insert into claimline.quotes (id, salt, quote) values ($1, 's', $2)`, [id, quote]);
    await own.projector.handle(log.events);
  });

  it('each word must occur, newest first, page by page', async () => {
    expect(await found({ text: 'ЗВІЛЬН' })).toEqual([
      'звільнили',
      'Ми звільнили Куп’янськ',
      'Місто звільнили вчора',
    ]);
    expect(await found({ text: 'місто звільнили' })).toEqual(['Місто звільнили вчора']);
    expect(await found({ text: 'звільнили city' })).toEqual([]);
  });

  it('with the other filters', async () => {
    expect(await found({ text: 'звільнили', party: 'russia', to: '2025-11-22T00:00:00.000Z' })).toEqual([
      'Ми звільнили Куп’янськ',
    ]);
    expect(await found({ text: 'звільнили', speaker: 'general staff', outlet: 'WIRE.example' })).toEqual([
      'Місто звільнили вчора',
    ]);
    expect(await found({ text: 'city', stance: 'deny', predicate: 'controls' })).toEqual([
      'We freed the city',
    ]);
    expect(await found({ text: 'city', stance: 'assert' })).toEqual([]);
    expect(await found({ text: 'звільнили', asOf: '2025-11-20T23:59:59.999Z' })).toEqual([
      'Місто звільнили вчора',
    ]);
  });

  it('a cursor is of one search', async () => {
    const { nextCursor } = valid(await models.statements({ text: 'звільнили' }, { limit: 1 }));
    expect(await models.statements({ text: 'місто' }, { limit: 1, cursor: nextCursor! })).toBe(
      'cursor-invalid',
    );
  });

  it('an erased quote is found no more', async () => {
    expect(await found({ text: 'freed' })).toEqual(['We freed the city']);
    await pool.query(`update claimline.quotes set quote = null, salt = null where quote like 'We freed%'`);
    expect(await found({ text: 'freed' })).toEqual([]);
  });
});

describe('statements by what has become of them', () => {
  for (let seed = 1; seed <= 12; seed++)
    it(`are those that are counted (${seed})`, async () => {
      const log = seedLog(seed, 150, 2);
      const { models, projector, generation } = await newGeneration(pool, log, `outcomes${seed}`);
      await projector.handle(log.events);
      const sources = [
        { of: 'speaker', name: 'valery gerasimov' },
        { of: 'speaker', name: 'A spokesman' },
        { of: 'speaker', name: 'first monitor' },
        { of: 'outlet', name: 'frontline.example' },
      ] as const;
      let counted = 0;
      for (const { of, name } of sources) {
        const answer = await models.execute(new CountOutcomes({ of, name }));
        const listed: string[] = [];
        for (const { outcome, position, count } of answer.outcomes) {
          const items = await all(models, { [of]: name, outcome, ...(position !== null && { position }) }, 3);
          expect(items.length).toBe(count);
          if (outcome === 'voided') expect(items.every(({ voided }) => voided !== null)).toBe(true);
          if (outcome === 'retracted') expect(items.every(({ retracted }) => retracted !== null)).toBe(true);
          listed.push(...items.map(({ statementId }) => statementId));
        }
        // Each statement is listed once, and none is left out.
        const every = (await all(models, { [of]: name }, 50)).map(({ statementId }) => statementId);
        expect(listed.toSorted()).toEqual(every.toSorted());
        const [first] = answer.outcomes;
        if (first)
          expect((await all(models, { [of]: name, outcome: first.outcome }, 500)).length).toBe(
            answer.outcomes
              .filter(({ outcome }) => outcome === first.outcome)
              .reduce((sum, { count }) => sum + count, 0),
          );
        counted += answer.counted;
      }
      expect(counted).toBeGreaterThan(3);
      await pool.query(`drop schema ${generation.schema} cascade`);
    });
});
