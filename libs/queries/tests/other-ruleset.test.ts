import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { FLAGS, parseRuleset, STATUSES, type Ruleset, type BitemporalPoint } from '#libs/domain';
import { createGeneration, Projector } from '#libs/projection';
import {
  type QueryOptions,
  type CursorInvalid,
  type LocationFilter,
  type Page,
  type PageRequest,
} from '#libs/queries';
import { Random } from '../../../tests/support/random.js';
import { newGeneration, openDatabase } from '../../../tests/support/generations.js';
import { NOW, ruleset, seedLog } from '../../../tests/support/test-log.js';
import { ModelQueries } from '../../../tests/support/model-queries.js';

// A fold with a requested ruleset gives the same answers as tables that are derived with it.

let pool: pg.Pool;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ pool, close } = await openDatabase());
});
afterAll(() => close());

/** Parties that were one side are two, one is unknown, and adversaries are others. */
const other: Ruleset = (() => {
  const parsed = parseRuleset({
    version: 'other',
    sides: [
      { id: 'moscow', name: 'Russia', belligerent: true },
      { id: 'dnr', name: 'DNR', belligerent: true, adversaries: ['moscow'] },
      { id: 'legion', name: 'Free Legion', belligerent: false },
    ],
    parties: [{ id: 'generals', side: 'dnr', names: ['Ukrainian military'] }],
  });
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  return parsed.ruleset;
})();

const SEEDS = Number(process.env.READ_MODEL_SEEDS ?? 4);
const ASKED: QueryOptions = { ruleset: other };

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

describe('folded with a ruleset that is asked for', () => {
  it.each(Array.from({ length: SEEDS }, (_, seed) => [seed + 1]))(
    'every answer is that of tables of that ruleset, seed %i',
    async (seed) => {
      const log = seedLog(seed, 150);
      const own = await newGeneration(pool, log, `own_${seed}`);
      const generation = await createGeneration(pool, other, `other_${seed}`);
      const models = new ModelQueries(pool, generation);
      await own.projector.handle(log.events);
      await new Projector(pool, log, generation).handle(log.events);
      const random = new Random(seed);
      const ids = (await pages((page) => models.places({}, 'id', page), 500))!.map(
        (json) => (JSON.parse(json) as { id: string }).id,
      );
      const moment = (): BitemporalPoint => ({
        asOf: random.chance(0.5)
          ? `2025-11-${String(random.int(1, 13)).padStart(2, '0')}T00:00:00.000Z`
          : null,
        knownAt: random.chance(0.5) ? new Date(Date.parse(NOW) + random.int(0, 400_000)).toISOString() : null,
      });
      let differ = 0;
      for (let question = 0; question < 8; question++) {
        const point = moment();
        const filter: LocationFilter = {
          ...(random.chance(0.4) && { status: [random.pick(STATUSES)] }),
          ...(random.chance(0.3) && { flag: random.pick(FLAGS) }),
          ...(random.chance(0.3) && { side: random.pick(['russia', 'dnr', 'Ukrainian military', 'moscow']) }),
        };
        const limit = random.int(1, 5);
        expect([
          filter,
          await pages((page) => own.models.placesAt(filter, point, page, ASKED), limit),
        ]).toEqual([filter, await pages((page) => models.placesAt(filter, point, page), limit)]);
        const changes = {
          ...(filter.status && { status: filter.status }),
          ...(filter.side !== undefined && { side: filter.side }),
        };
        expect(
          await pages((page) => own.models.changes(changes, point.knownAt ?? null, page, ASKED), limit),
        ).toEqual(await pages((page) => models.changes(changes, point.knownAt ?? null, page, ASKED), limit));
        for (const id of ids) {
          const state = await own.models.place(id, point, ASKED);
          expect(state).toEqual(await models.place(id, point));
          if (
            state &&
            (JSON.parse(state.json) as { status: string }).status !==
              (JSON.parse((await own.models.place(id, point))!.json) as { status: string }).status
          )
            differ += 1;
          expect(await pages((page) => own.models.history(id, point, page, ASKED), limit)).toEqual(
            await pages((page) => models.history(id, point, page), limit),
          );
          const timeline = {
            ...point,
            ...(random.chance(0.6) && {
              side: random.pick(['russia', 'dnr', 'Ukrainian military', 'independent:First monitor']),
            }),
            order: random.pick(['asc', 'desc'] as const),
          };
          expect(await pages((page) => own.models.timeline(id, timeline, page, ASKED), limit)).toEqual(
            await pages((page) => models.timeline(id, timeline, page), limit),
          );
          const [a, b] = [moment(), moment()];
          expect(await own.models.compare(id, a, b, { limit: 500 }, ASKED)).toEqual(
            await models.compare(id, a, b, { limit: 500 }),
          );
        }
      }
      expect(differ).toBeGreaterThan(0);
    },
    120_000,
  );

  it('a side of a long timeline is found page by page, however far apart its statements are', async () => {
    const log = seedLog(5, 1);
    const { models, projector } = await newGeneration(pool, log, 'long');
    // With the other ruleset these two are one side; of 1,300 statements three are of it.
    const rare = new Map([
      [10, 'dnr'],
      [1200, 'Ukrainian military'],
      [1299, 'dnr'],
    ]);
    for (let n = 0; n < 1300; n++)
      log.claim('long-place', {
        speaker: { name: `Speaker ${n}`, party: rare.get(n) ?? 'russia' },
        statedAt: new Date(Date.parse('2025-01-01') + n * 60_000).toISOString(),
      });
    await projector.handle(log.events);
    const items = await pages((page) => models.timeline('long-place', { side: 'dnr' }, page, ASKED), 2);
    expect(items!.map(({ speaker }) => speaker.name)).toEqual(['Speaker 10', 'Speaker 1200', 'Speaker 1299']);
    const first = await models.timeline('long-place', { side: 'dnr' }, { limit: 2 }, ASKED);
    expect(first).toMatchObject({
      items: [{ speaker: { name: 'Speaker 10' } }],
      nextCursor: expect.any(String),
    });
  }, 60_000);

  it('that of the tables is answered as without it', async () => {
    const log = seedLog(77, 100);
    const { models, projector } = await newGeneration(pool, log, 'same');
    await projector.handle(log.events);
    const asked = { ruleset };
    const states = await pages((page) => models.places({}, 'id', page), 500);
    expect(await pages((page) => models.placesAt({}, {}, page, asked), 3)).toEqual(states);
    for (const json of states!) {
      const { id } = JSON.parse(json) as { id: string };
      expect(await models.place(id, {}, asked)).toEqual(await models.place(id));
      expect(await pages((page) => models.history(id, {}, page, asked), 2)).toEqual(
        await pages((page) => models.history(id, {}, page), 2),
      );
    }
  });
});
