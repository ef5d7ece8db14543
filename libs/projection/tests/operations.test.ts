import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type pg from 'pg';
import { operationEvent, type EventId } from '#libs/domain';
import { rebuild } from '#libs/projection';
import { readLag } from '#libs/queries';
import { digests, newGeneration, openDatabase, rowsOf } from '../../../tests/support/generations.js';
import { Random } from '../../../tests/support/random.js';
import { ruleset, seedLog, TestLog } from '../../../tests/support/test-log.js';

let pool: pg.Pool;
let close: () => Promise<void>;
beforeAll(async () => {
  ({ pool, close } = await openDatabase());
});
afterAll(() => close());

const operation = (log: TestLog) =>
  log.append(
    operationEvent(
      { operation: 'replay.started', subject: 'a run', signature: 'Desk 2 (k2)' },
      log.random.uuid() as EventId,
    ),
  );

it('events of operations change no row but the checkpoint, projected or rebuilt', async () => {
  const log = seedLog(9, 120);
  const { generation, projector } = await newGeneration(pool, log, 'with_operations');
  await projector.handle(log.events);
  const before = await digests(pool, generation);
  const more = [operation(log), operation(log)];
  await projector.handle(more);
  const { checkpoint, ...after } = await digests(pool, generation);
  expect({ checkpoint: before.checkpoint, ...after }).toEqual(before);
  expect(checkpoint).not.toBe(before.checkpoint);

  const { events, differing } = await rebuild(pool, log, ruleset, { schema: generation.schema });
  expect([events, differing]).toEqual([log.events.length, []]);
  expect(await rowsOf(pool, generation.schema, 'location')).not.toContainEqual(
    expect.stringContaining('$operations'),
  );
});

it('a log that begins with operations is projected and rebuilt', async () => {
  const log = new TestLog(new Random(4));
  const first = operation(log);
  const { generation, models, projector } = await newGeneration(pool, log, 'operations_only');
  await projector.handle([first]);
  expect(await readLag(models, log)).toContainEqual(
    expect.objectContaining({ shard: first.shard, checkpoint: 1, head: 1 }),
  );
  await rebuild(pool, log, ruleset, { schema: generation.schema });
  const claim = log.claim('mill');
  await projector.handle([claim]);
  expect((await models.place('mill'))?.json).toContain('"statements":1');
});
