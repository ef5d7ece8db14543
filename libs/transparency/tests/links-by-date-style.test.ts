import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type pg from 'pg';
import { firstLink, linkOf, type EventStore } from '#libs/log';
import { verify } from '#libs/transparency';
import { claim, openStore } from '../../../tests/support/opened-store.js';

// Earlier versions linked the time as the session wrote it: under DateStyle 'SQL, MDY' as 11/28/2026T08:00:00.500Z.

const EVENTS = 10;
const NOW = '2026-11-28T08:00:00.500Z';

let store: EventStore;
let pool: pg.Pool;
let close: () => Promise<void>;
beforeEach(async () => {
  ({ store, pool, close } = await openStore({ shards: 1, clock: () => NOW }));
  await store.append(Array.from({ length: EVENTS }, (_, n) => claim(`place ${n}`)));
  await pool.query('alter table claimline.events disable trigger all');
});
afterEach(() => close());

/** Links the log again, some events by another text of their time. */
async function link(textAt: (position: number) => string): Promise<void> {
  let chain = firstLink(store.id, 0);
  for (const event of await store.readStored(0, 0, EVENTS)) {
    chain = linkOf(chain, { ...event, recordedAt: textAt(event.position) });
    await pool.query('update claimline.events set chain = $2 where position = $1', [
      event.position,
      Buffer.from(chain, 'hex'),
    ]);
  }
  await pool.query('update claimline.heads set chain = $1', [Buffer.from(chain, 'hex')]);
}

test.each([
  ['SQL, MDY', '11/28/2026T08:00:00.500Z'],
  ['SQL, DMY', '28/11/2026T08:00:00.500Z'],
])(
  'events linked under DateStyle %s are named, and the rest of their shard is verified',
  async (style, text) => {
    await link((position) => ([4, 5, 8].includes(position) ? text : NOW));
    const { events, faults } = await verify(store);
    expect(faults).toEqual([
      {
        shard: 0,
        position: 4,
        what: expect.stringContaining(`DateStyle '${style}' wrote it (in this shard 3 events are)`),
      },
    ]);
    expect(events).toBe(EVENTS);
  },
);

test('another fault of the shard is named before them', async () => {
  await link((position) => (position === 4 ? '11/28/2026T08:00:00.500Z' : NOW));
  await pool.query(`update claimline.events set body = body || ' ' where position = 6`);
  expect((await verify(store)).faults).toMatchObject([
    { shard: 0, position: 6, what: 'does not have the digest of its body' },
  ]);
});

test('a link by any other text breaks the chain', async () => {
  await link((position) => (position === 4 ? '2026-11-28T08:00:00.501Z' : NOW));
  expect((await verify(store)).faults).toMatchObject([
    { shard: 0, position: 4, what: expect.stringContaining('breaks the chain') },
  ]);
});
