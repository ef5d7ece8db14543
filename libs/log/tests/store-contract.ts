import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { formatToken } from '#libs/domain';
import type { EventStore } from '#libs/log';
import { all, claim, registration, valueOf } from '../../../tests/support/opened-store.js';

/** The contract of every event store; run against each adapter. */
export function storeContract(
  adapter: string,
  open: () => Promise<{ store: EventStore; close: () => Promise<void> }>,
): void {
  describe(`a store of events: ${adapter}`, () => {
    let store: EventStore;
    let close: () => Promise<void>;
    beforeAll(async () => ({ store, close } = await open()));
    afterAll(() => close());

    const fresh = () => `place-${randomUUID()}`;
    const heads = async () => new Map((await store.heads()).map(({ shard, position }) => [shard, position]));

    test('appends to any shards at once, without gaps, and moves the heads', async () => {
      const before = await heads();
      const candidates = Array.from({ length: 100 }, () => claim(fresh()));
      const receipts = (await store.append(candidates)).map(valueOf);
      const after = await heads();
      for (const [shard, position] of after) {
        const positions = receipts
          .filter((receipt) => receipt.shard === shard)
          .map((receipt) => receipt.position);
        expect(positions).toEqual(
          Array.from({ length: positions.length }, (_, n) => before.get(shard)! + n + 1),
        );
        expect(position).toBe(before.get(shard)! + positions.length);
      }
      expect(receipts.map(({ eventId }) => eventId)).toEqual(candidates.map(({ event }) => event.eventId));
      expect(receipts.every(({ duplicate }) => !duplicate)).toBe(true);
    });

    test('gives back what was appended, with its place in the log', async () => {
      const candidate = claim(fresh());
      const { shard, position, recordedAt } = valueOf((await store.append([candidate]))[0]);
      const found = await store.find(candidate.event.eventId);
      expect(found).toMatchObject({ ...candidate.event, shard, position, recordedAt });
      expect(await store.readStream(candidate.event.stream, 0, 10)).toEqual([found]);
      expect(await store.readShard(shard, position - 1, 1)).toEqual([found]);
      expect(await store.readShard(shard, position, 10)).toEqual([]);
      expect(await store.find(randomUUID())).toBeUndefined();
    });

    test('answers the original where the same content comes again, in a later batch or in the same one, wherever it resolves', async () => {
      const id = randomUUID();
      const place = fresh();
      const [first, again] = (await store.append([claim(place, id), claim(fresh(), id)])).map(valueOf);
      expect(again).toEqual({ ...first, duplicate: true });
      const [later] = (await store.append([claim(fresh(), id)])).map(valueOf);
      expect(later).toEqual({ ...first, duplicate: true });
      expect(await store.readStream(place, 0, 10)).toHaveLength(1);
    });

    test('refuses an id that comes with other content, in a later batch or in the same one; the rest is appended', async () => {
      const id = randomUUID();
      const refused = {
        ok: false,
        refusal: { code: 'statement-conflict', errors: [{ pointer: '/statementId' }] },
      };
      const answers = await store.append([
        claim(fresh(), id),
        claim(fresh(), id, 'Somebody else'),
        claim(fresh()),
      ]);
      expect(answers).toMatchObject([{ ok: true }, refused, { ok: true }]);
      expect(await store.append([claim(fresh(), id, 'Somebody else'), claim(fresh())])).toMatchObject([
        refused,
        { ok: true },
      ]);
    });

    test('events without an id of a statement are all appended, the register’s in its one stream', async () => {
      const receipts = (await store.append([registration('a'), registration('b')])).map(valueOf);
      expect(receipts.map(({ locationId }) => locationId)).toEqual(['a', 'b']);
      const last = receipts[1]!;
      expect(await store.readStream('register', last.position - 2, 10)).toMatchObject([
        { data: { locationId: 'a' } },
        { data: { locationId: 'b' } },
      ]);
    });

    test('appends nothing for nothing', async () => {
      const before = await heads();
      expect(await store.append([])).toEqual([]);
      expect(await heads()).toEqual(before);
    });

    test('reads all shards as one sequence by recordedAt, each in its own order, after a token', async () => {
      const token = await heads();
      const appended: string[] = [];
      for (let n = 0; n < 5; n++) {
        const batch = Array.from({ length: 20 }, () => claim(fresh()));
        await store.append([...batch, registration(`r${n}`)]);
        appended.push(...batch.map(({ event }) => event.eventId));
      }
      const events = await all(store.readAll(token));
      expect(events).toHaveLength(105);
      expect(events.map(({ recordedAt }) => recordedAt)).toEqual(
        events.map(({ recordedAt }) => recordedAt).toSorted(),
      );
      for (const event of events) {
        expect(event.position).toBe(token.get(event.shard)! + 1);
        token.set(event.shard, event.position);
      }
      expect(formatToken(token)).toBe(formatToken(await heads()));
      const claims = await all(store.readAll(new Map(), { types: ['claim.asserted'], pageSize: 7 }));
      expect(new Set(claims.map(({ eventId }) => eventId))).toEqual(
        new Set([...claims.map(({ eventId }) => eventId), ...appended]),
      );
      expect(claims.every(({ type }) => type === 'claim.asserted')).toBe(true);
      const until = events[30]!.recordedAt;
      const early = await all(store.readAll(new Map(), { until }));
      expect(early.filter(({ recordedAt }) => recordedAt > until)).toEqual([]);
      expect(early.length).toBe(
        (await all(store.readAll())).filter(({ recordedAt }) => recordedAt <= until).length,
      );
    });

    test('ends at the heads of the moment it is asked, whatever is appended meanwhile', async () => {
      const total = (await all(store.readAll())).length;
      let seen = 0;
      for await (const _event of store.readAll(new Map(), { pageSize: 1 })) {
        seen += 1;
        if (seen % 20 === 1) await store.append([claim(fresh())]);
      }
      expect(seen).toBe(total);
    });

    test('a decision holds its shards: what two decide on the same ground, only one does', async () => {
      const place = fresh();
      const shard = store.shardOf(place);
      const decideOnce = () =>
        store.appendDeciding([shard], async (transaction) => {
          const known = await transaction.client.query('select from claimline.events where stream = $1', [
            place,
          ]);
          if (known.rowCount! > 0) return 'was there';
          await transaction.append([claim(place)]);
          return 'done';
        });
      const results = await Promise.all(Array.from({ length: 4 }, decideOnce));
      expect(results.toSorted()).toEqual(['done', 'was there', 'was there', 'was there']);
    });

    test('an append to a shard that is not held is refused, and nothing of the transaction stays', async () => {
      const [here, there] = [fresh(), fresh(), fresh(), fresh(), fresh(), fresh()]
        .toSorted((a, b) => store.shardOf(a) - store.shardOf(b))
        .filter((_, n) => n % 5 === 0) as [string, string];
      expect(store.shardOf(here)).not.toBe(store.shardOf(there));
      const before = await heads();
      const id = randomUUID();
      await expect(
        store.appendDeciding([store.shardOf(here)], (transaction) =>
          transaction.append([claim(here, id), claim(there)]),
        ),
      ).rejects.toThrow('is not locked');
      expect(await heads()).toEqual(before);
      expect(await store.originals([id])).toEqual(new Map());
    });
  });
}
