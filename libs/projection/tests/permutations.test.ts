import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { locationState, type LocationId, type RecordedEvent } from '#libs/domain';
import { Projector, rebuild, type Generation } from '#libs/projection';
import { Random } from '../../../tests/support/random.js';
import { chronicleOf, digests, newGeneration, openDatabase } from '../../../tests/support/generations.js';
import { ruleset, seedLog, type TestLog } from '../../../tests/support/test-log.js';
import type { ModelQueries } from '../../../tests/support/model-queries.js';

let pool: pg.Pool;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ pool, close } = await openDatabase());
});
afterAll(() => close());

const SEEDS = Number(process.env.READ_MODEL_SEEDS ?? 12);

/** Events of all shards, each in its own order, in any interleaving. */
function interleaved(log: TestLog, random: Random): RecordedEvent[] {
  const queues = Array.from({ length: log.shards }, (_, shard) => [...log.of(shard)]);
  const events: RecordedEvent[] = [];
  for (
    let open = queues.filter(({ length }) => length > 0);
    open.length > 0;
    open = open.filter(({ length }) => length > 0)
  )
    events.push(random.pick(open).shift()!);
  return events;
}

/** Splits events into batches of any size, some with events that were delivered before. */
function* batches(
  events: readonly RecordedEvent[],
  random: Random,
  most: number,
): Generator<RecordedEvent[]> {
  for (let at = 0; at < events.length;) {
    const size = random.int(1, most);
    const again = random.chance(0.3) ? events.slice(Math.max(0, at - random.int(1, 10)), at) : [];
    yield structuredClone([...again, ...events.slice(at, at + size)]);
    at += size;
  }
}

async function fill(projector: Projector, events: Iterable<RecordedEvent[]>): Promise<void> {
  for (const batch of events) await projector.handle(batch);
}

async function drop({ schema }: Generation): Promise<void> {
  await pool.query(`drop schema ${schema} cascade`);
}

/** Expects every place of the read models to equal the fold of the log in memory. */
async function expectFolded(log: TestLog, models: ModelQueries): Promise<void> {
  const projection = chronicleOf(log.events);
  const roots = projection.roots();
  for (const id of roots) {
    const { state, history } = locationState(projection.history(id), ruleset);
    expect((await models.place(id))?.json).toBe(JSON.stringify(state));
    expect(await models.history(id, {}, { limit: 500 })).toEqual({ items: history, nextCursor: null });
  }
  const listed = await models.places({}, 'id', { limit: 500 });
  if (listed === 'cursor-invalid') throw new Error(listed);
  const ids = listed.items.map((item) => (JSON.parse(item) as { id: string }).id);
  // A place that others were merged into is known, even without any other event about it.
  expect(ids).toEqual(expect.arrayContaining(roots));
  for (const id of ids.filter((one) => !roots.includes(one as LocationId)))
    expect(projection.history(id as LocationId).touches.length).toBeGreaterThan(0);
}

describe('any order of arrival, any batches, any repeats', () => {
  for (let seed = 1; seed <= SEEDS; seed++)
    it(`gives the same rows (${seed})`, async () => {
      const log = seedLog(seed, 100, 2);
      const random = new Random(seed * 31);
      const made: { generation: Generation; models: ModelQueries }[] = [];
      const generation = async (name: string) => {
        const one = await newGeneration(pool, log, `s${seed}_${name}`);
        made.push(one);
        return one;
      };

      const plain = await generation('plain');
      await plain.projector.handle(log.events);
      const expected = await digests(pool, plain.generation);
      await expectFolded(log, plain.models);

      const single = await generation('single');
      await fill(
        single.projector,
        log.events.map((event) => [event]),
      );
      expect(await digests(pool, single.generation)).toEqual(expected);

      for (const run of ['one', 'two']) {
        const shuffled = await generation(run);
        await fill(shuffled.projector, batches(interleaved(log, random), random, 40));
        expect(await digests(pool, shuffled.generation)).toEqual(expected);
      }

      const { generation: shared, projector } = await generation('shared');
      const other = new Projector(pool, log, shared);
      const third = new Projector(pool, log, shared);
      await Promise.all([
        fill(projector, batches(interleaved(log, random), random, 15)),
        fill(other, batches(interleaved(log, random), random, 15)),
        ...Array.from({ length: log.shards }, (_, shard) => fill(third, batches(log.of(shard), random, 10))),
      ]);
      expect(await digests(pool, shared)).toEqual(expected);

      const { generation: anew } = await generation('anew');
      await rebuild(pool, log, ruleset, { schema: anew.schema });
      expect(await digests(pool, anew)).toEqual(expected);
      for (const one of made) await drop(one.generation);
    });
});
