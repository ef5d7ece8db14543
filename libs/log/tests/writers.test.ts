import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { verify } from '#libs/transparency';
import { type EventToAppend, type EventStore } from '#libs/log';
import { all, claim, openStore, valueOf } from '../../../tests/support/opened-store.js';

let store: EventStore;
let close: () => Promise<void>;
beforeAll(async () => ({ store, close } = await openStore({}, 20)));
afterAll(() => close());

test('100,000 events of 16 writers, who bring the same ids at the same time: nothing lost, nothing twice, no gaps', async () => {
  const [WRITERS, BATCHES, SIZE] = [16, 25, 250];
  const template = claim('template');
  const candidate = (place: string, id: string): EventToAppend =>
    ({
      event: { ...template.event, eventId: id, stream: place, statementId: id },
      id: { id, digest: template.id.digest },
    }) as unknown as EventToAppend;
  const place = () => `p${Math.floor(Math.random() * 5000)}`;
  const shares = Array.from({ length: WRITERS }, () =>
    Array.from({ length: BATCHES }, () => Array.from({ length: SIZE }, () => randomUUID())),
  );
  const made = new Map<string, number>();
  let duplicates = 0;

  const write = async (writer: number) => {
    for (let n = 0; n < BATCHES; n++) {
      // Every fifth batch comes from the neighbour too, in another order and with the statements resolved to other places.
      const other = n % 5 === 0 ? shares[(writer + 1) % WRITERS]![n]!.toReversed() : [];
      const receipts = (
        await store.append([...shares[writer]![n]!, ...other].map((id) => candidate(place(), id)))
      ).map(valueOf);
      for (const { statementId, duplicate } of receipts) {
        if (duplicate) duplicates += 1;
        else made.set(statementId!, (made.get(statementId!) ?? 0) + 1);
      }
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));

  const total = WRITERS * BATCHES * SIZE;
  expect(made.size).toBe(total);
  expect([...made.values()].every((times) => times === 1)).toBe(true);
  expect(duplicates).toBe(total / 5);
  expect((await store.heads()).reduce((sum, { position }) => sum + position, 0)).toBe(total);
  expect(await verify(store)).toEqual({ events: total, faults: [] });
}, 120_000);

test('whatever way statements are split into batches, repeated and sent at once, the same events come of it', async () => {
  const statements = fc.uniqueArray(fc.record({ n: fc.nat(40), place: fc.nat(5) }), {
    selector: ({ n }) => n,
    minLength: 1,
    maxLength: 20,
  });
  const scenario = statements.chain((given) =>
    fc.record({
      given: fc.constant(given),
      batches: fc.array(fc.array(fc.nat(given.length - 1), { maxLength: 12 }), { maxLength: 8 }),
      atOnce: fc.boolean(),
    }),
  );
  await fc.assert(
    fc.asyncProperty(scenario, async ({ given, batches, atOnce }) => {
      const run = randomUUID();
      const before = new Map((await store.heads()).map(({ shard, position }) => [shard, position]));
      const candidates = given.map(({ place }) => claim(`${run}-${place}`));
      const sent = [...batches, given.map((_, at) => at)].map((batch) => batch.map((at) => candidates[at]!));
      if (atOnce) await Promise.all(sent.map((batch) => store.append(batch)));
      else for (const batch of sent) await store.append(batch);
      const events = await all(store.readAll(before));
      expect(events.map(({ eventId }) => eventId).toSorted()).toEqual(
        candidates.map(({ event }) => event.eventId).toSorted(),
      );
    }),
    { numRuns: 40 },
  );
}, 120_000);
