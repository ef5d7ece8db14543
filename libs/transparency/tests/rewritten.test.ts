import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type pg from 'pg';
import { sha256, TILE_WIDTH, type Checkpoint } from '#libs/domain';
import { firstLink, linkOf, type EventStore, type StoredEvent } from '#libs/log';
import { TileWriter, Trees, verify, verifyAgainst } from '#libs/transparency';
import { claim, openStore } from '../../../tests/support/opened-store.js';

// An attacker owns the database, knows all formats, and recomputes chain, head and ids around a changed event.

const EVENTS = TILE_WIDTH * 2 + 100;

let store: EventStore;
let pool: pg.Pool;
let close: () => Promise<void>;
let checkpoint: Checkpoint;
let original: StoredEvent[];
beforeAll(async () => {
  ({ store, pool, close } = await openStore({ shards: 1 }));
  await store.append(Array.from({ length: EVENTS }, (_, n) => claim(`place ${n % 50}`)));
  await new TileWriter(pool).catchUp();
  checkpoint = await new Trees(pool, store.id).checkpoint('2026-01-01T00:00:00.000Z');
  original = await store.readStored(0, 0, EVENTS);
});
afterAll(() => close());

/** Replaces all events by these, with matching digests and links. */
async function rewrite(events: readonly StoredEvent[]): Promise<void> {
  let chain = firstLink(store.id, 0);
  const rows = events.map((event, at) => {
    const placed = { ...event, position: at + 1, digest: sha256(event.body).toString('hex') };
    chain = linkOf(chain, placed);
    return { ...placed, chain };
  });
  await pool.query(
    'alter table claimline.events disable trigger all; delete from claimline.events; delete from claimline.statement_ids',
  );
  const of = (key: keyof StoredEvent, before = '') => rows.map((row) => `${before}${row[key]}`);
  await pool.query(
    `insert into claimline.events (shard, position, recorded_at, event_id, type, stream, digest, chain, body)
     select 0, * from unnest($1::bigint[], $2::timestamptz[], $3::uuid[], $4::text[], $5::text[], $6::bytea[], $7::bytea[], $8::text[])`,
    [
      of('position'),
      of('recordedAt'),
      of('eventId'),
      of('type'),
      of('stream'),
      of('digest', '\\x'),
      of('chain', '\\x'),
      of('body'),
    ],
  );
  await pool.query(
    `insert into claimline.statement_ids select (body::json ->> 'statementId')::uuid, '', event_id from claimline.events`,
  );
  await pool.query(
    `update claimline.heads h set (position, recorded_at, chain) =
       (select position, recorded_at, chain from claimline.events order by position desc limit 1)`,
  );
}

const changed = (at: number, change: (event: StoredEvent) => StoredEvent) =>
  original.map((event, n) => (n === at ? change(event) : event));
const other = (body: string) => body.replace('russia', 'ukraine');
const forged = (): StoredEvent => {
  const { event } = claim('place 1');
  return {
    ...original[299]!,
    eventId: event.eventId,
    type: event.type,
    stream: event.stream,
    body: JSON.stringify(event),
  };
};
const later = (time: string) => new Date(Date.parse(time) + 1).toISOString();

test.each<[string, () => StoredEvent[], object]>([
  [
    'an event changed',
    () => changed(299, (event) => ({ ...event, body: other(event.body) })),
    { position: 300, what: 'is not the event that the tree was built from' },
  ],
  [
    'a time changed',
    () => changed(EVENTS - 1, (event) => ({ ...event, recordedAt: later(event.recordedAt) })),
    {},
  ],
  [
    'an event put in',
    () => original.toSpliced(299, 0, forged()),
    { position: 300, what: 'is not the event that the tree was built from' },
  ],
  [
    'an event taken out',
    () => original.toSpliced(9, 1),
    { position: 10, what: 'is not the event that the tree was built from' },
  ],
  [
    'the tail cut off',
    () => original.slice(0, 300),
    { position: 301, what: expect.stringContaining('the tree holds 512 events') },
  ],
])(
  '%s: the tree names the first event that differs, and where the tree is recreated too, the checkpoint tells',
  async (_what, events, fault) => {
    expect(await verifyAgainst(store, checkpoint)).toEqual({ events: EVENTS, faults: [] });
    const tiles = (await pool.query<{ level: number }>('select * from claimline.tiles')).rowCount;
    await rewrite(events());
    // Events after the last complete tile are in no tile yet.
    const found = (await verify(store)).faults;
    expect(found).toMatchObject('position' in fault ? [fault] : []);
    expect((await verifyAgainst(store, checkpoint)).faults).toHaveLength(1);
    await pool.query('truncate claimline.tiles');
    await new TileWriter(pool).catchUp();
    expect((await verify(store)).faults).toEqual([]);
    expect((await verifyAgainst(store, checkpoint)).faults).toMatchObject([
      { shard: 0, what: expect.stringContaining('the checkpoint states') },
    ]);
    await rewrite(original);
    await pool.query('truncate claimline.tiles');
    await new TileWriter(pool).catchUp();
    expect((await pool.query('select from claimline.tiles')).rowCount).toBe(tiles);
  },
);
