import { RulesetStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { Projector, READ_MODELS, rebuild } from '#libs/projection';
import { Random } from '../support/random.js';
import { War } from '../support/war.js';
import type { Figure } from './figure.js';
import type { Ground } from './ground.js';
import { candidatesOf, openWithPlaces, placesByName } from './statements.js';

const PLACES = 10;
const LONG = { place: 1, statements: 30_000 };
const SHORT = { place: 2, statements: 100 };
const MINUTE_MS = 60_000;
const AFTER_ALL = Date.parse('2026-01-02T00:00:00Z');

/** The time for the next statement about a place with a long timeline, against one with a short timeline. */
export async function projectLong(ground: Ground): Promise<Figure[]> {
  const database = await ground.database();
  const pool = createPool(database.url, { max: 10 });
  const { store } = await openWithPlaces(pool, PLACES);
  await new RulesetStore(pool).remember(ground.ruleset.file);
  const war = new War(new Random(5), { places: PLACES }, 'long');
  const append = (inputs: ReturnType<War['statement']>[]) =>
    store.append(candidatesOf(inputs, placesByName(PLACES)));
  for (const { place, statements } of [LONG, SHORT])
    for (let left = statements; left > 0; left -= 1000)
      await append(Array.from({ length: Math.min(left, 1000) }, () => war.statement(place)));
  await rebuild(pool, store, ground.ruleset);
  await pool.query('analyze');
  const projector = new Projector(pool, store, { schema: READ_MODELS, ruleset: ground.ruleset });
  let minutes = 0;
  /** Milliseconds to project one more statement, said after all others. */
  const next = async ({ place }: typeof LONG): Promise<number> => {
    const input = war.statement(place);
    const statedAt = new Date(AFTER_ALL + (minutes += 1) * MINUTE_MS).toISOString();
    await append([{ ...input, statedAt, source: { ...input.source, publishedAt: statedAt } }]);
    const reached = await projector.checkpoints();
    const behind = (await store.heads()).filter(
      ({ shard, position }) => position > (reached.get(shard) ?? 0),
    );
    const events = await Promise.all(
      behind.map(({ shard }) => store.readShard(shard, reached.get(shard) ?? 0, 1)),
    );
    const begin = performance.now();
    await projector.handle(events.flat());
    return performance.now() - begin;
  };
  const first = await next(LONG);
  await next(SHORT);
  const [ours, limit]: [number[], number[]] = [[], []];
  for (let run = 0; run < ground.runs * 5; run++) {
    ours.push(await next(LONG));
    limit.push(await next(SHORT));
  }
  await pool.end();
  await database.drop();
  return [
    {
      name: 'project-long',
      what: 'projecting the next statement about a place with 30,000, against one about a place with 100',
      unit: 'ms',
      ours,
      limit,
      aim: { of: 'ratio', atMost: 2 },
      notes: { 'the first, which reads them all, ms': first.toFixed(0) },
    },
  ];
}
