import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { EventStore, firstLink, linkOf } from '#libs/log';
import { verify } from '#libs/transparency';
import { exportLog, restoreLog, type SourceLine } from '#libs/transfer';
import { logDatabase } from '../../../tests/support/opened-store.js';
import { seededStore } from './seeded-store.js';

// A store of an earlier version, whose sessions had DateStyle 'SQL, MDY'.

const american = (time: string) => time.replace(/^(\d+)-(\d+)-(\d+)/, '$2/$3/$1');

let original: Awaited<ReturnType<typeof seededStore>>;
let restored: Awaited<ReturnType<typeof logDatabase>>;
beforeAll(async () => {
  [original, restored] = await Promise.all([seededStore(20), logDatabase()]);
  const { pool, store } = original;
  await pool.query('alter table claimline.events disable trigger all');
  for (const { shard, position: head } of await store.heads()) {
    let chain = firstLink(store.id, shard);
    for (const event of await store.readStored(shard, 0, head)) {
      const recordedAt = event.position % 2 === 0 ? american(event.recordedAt) : event.recordedAt;
      chain = linkOf(chain, { ...event, recordedAt });
      await pool.query('update claimline.events set chain = $3 where shard = $1 and position = $2', [
        shard,
        event.position,
        Buffer.from(chain, 'hex'),
      ]);
    }
    await pool.query('update claimline.heads set chain = $2 where shard = $1', [
      shard,
      Buffer.from(chain, 'hex'),
    ]);
  }
}, 60_000);
afterAll(async () => void (await Promise.all([original.close(), restored.close()])));

async function* linesOf(store: EventStore): AsyncGenerator<SourceLine> {
  let text = '';
  for await (const piece of (await exportLog(store)).pieces) text += piece.text;
  for (const [at, line] of text.trimEnd().split('\n').entries())
    yield { number: at + 1, bytes: Buffer.from(line) };
}

test('its log is exported and restored as it is, and verify says the same of both', async () => {
  const { faults, events } = await verify(original.store);
  expect(faults.length).toBeGreaterThan(0);
  for (const fault of faults)
    expect(fault).toMatchObject({ position: 2, what: expect.stringContaining("DateStyle 'SQL, MDY'") });
  await restoreLog(restored.pool, linesOf(original.store));
  const store = await EventStore.open(restored.pool, { shards: original.store.shards });
  expect(await verify(store)).toEqual({ faults, events });
});
