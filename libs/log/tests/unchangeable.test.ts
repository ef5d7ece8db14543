import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import type pg from 'pg';
import { verify } from '#libs/transparency';
import { type EventStore } from '#libs/log';
import { claim, openStore, registration } from '../../../tests/support/opened-store.js';

let store: EventStore;
let pool: pg.Pool;
let close: () => Promise<void>;
beforeEach(async () => {
  ({ store, pool, close } = await openStore({ shards: 2 }));
  for (let n = 0; n < 3; n++)
    await store.append([claim('one'), claim('two'), claim('three'), registration('four')]);
});
afterEach(() => close());

const edits = [
  `update claimline.events set body = replace(body, 'russia', 'ukraine')`,
  `update claimline.events set recorded_at = now() where position = 1`,
  `delete from claimline.events where position = 1`,
  `delete from claimline.events where false`,
  `truncate claimline.events`,
  `truncate claimline.events cascade`,
];

describe('the database refuses', () => {
  for (const edit of edits)
    test(`${edit}`, async () => {
      await expect(pool.query(edit)).rejects.toMatchObject({
        message: expect.stringContaining('events are never changed'),
        code: '23001',
      });
      // Triggers are off for replicas, except those that are always enabled.
      await expect(
        pool.query(`set session_replication_role = replica; ${edit}; reset session_replication_role`),
      ).rejects.toThrow('events are never changed');
      const asOwner = `
        begin;
        create role owner_of_the_log;
        grant usage on schema claimline to owner_of_the_log;
        alter table claimline.events owner to owner_of_the_log;
        set local role owner_of_the_log;
        ${edit};
        commit`;
      await expect(pool.query(asOwner)).rejects.toThrow('events are never changed');
      expect(await verify(store)).toEqual({ events: 12, faults: [] });
    });
});

describe('verify names', () => {
  /** An edit by somebody who can disable the triggers. */
  const behindItsBack = (sql: string) =>
    pool.query(`alter table claimline.events disable trigger all; ${sql}`);
  const broken: [string, string, object[]][] = [
    [
      'one byte of a body',
      `update claimline.events set body = overlay(body placing 'X' from 40 for 1) where shard = 1 and position = 2`,
      [{ shard: 1, position: 2, what: expect.stringContaining('digest') }],
    ],
    [
      'a time',
      `update claimline.events set recorded_at = recorded_at + interval '1 ms' where shard = 0 and position = 3`,
      [{ shard: 0, position: 3, what: expect.stringContaining('chain') }],
    ],
    [
      'a time, by less than a millisecond',
      `update claimline.events set recorded_at = recorded_at + interval '1 us' where shard = 0 and position = 3`,
      [{ shard: 0, position: 3, what: expect.stringContaining('chain') }],
    ],
    [
      'a deleted row',
      `delete from claimline.events where shard = 0 and position = 1`,
      [{ shard: 0, position: 1, what: 'is missing' }],
    ],
    [
      'the last row deleted',
      `delete from claimline.events e where shard = 1 and position = (select position from claimline.heads h where h.shard = 1)`,
      [{ shard: 1, what: 'is missing' }],
    ],
    [
      'a body that was changed with its digest',
      `update claimline.events set body = body || ' ', digest = sha256(convert_to(body || ' ', 'UTF8')) where shard = 1 and position = 1`,
      [{ shard: 1, position: 1, what: expect.stringContaining('chain') }],
    ],
    [
      'a column',
      `update claimline.events set stream = 'elsewhere' where shard = 0 and position = 2;
       update claimline.events set type = 'claim.denied' where shard = 1 and position = 1`,
      [
        { shard: 0, position: 2, what: expect.stringContaining('column stream') },
        { shard: 1, position: 1, what: expect.stringContaining('column type') },
      ],
    ],
    [
      'two rows that changed places',
      `update claimline.events set position = 100 where shard = 0 and position = 1;
       update claimline.events set position = 1 where shard = 0 and position = 2;
       update claimline.events set position = 2 where shard = 0 and position = 100`,
      [{ shard: 0, position: 1 }],
    ],
    [
      'a row beyond the head',
      `update claimline.heads h set (position, chain, recorded_at) = (
         select position, chain, recorded_at from claimline.events e
         where e.shard = h.shard and e.position = h.position - 1
       ) where shard = 1`,
      [{ shard: 1, what: expect.stringContaining('beyond the head') }],
    ],
    [
      'a head',
      `update claimline.heads set chain = sha256('') where shard = 1`,
      [{ shard: 1, what: expect.stringContaining('head') }],
    ],
  ];
  for (const [what, sql, faults] of broken)
    test(`${what}`, async () => {
      await behindItsBack(sql);
      const verified = await verify(store);
      expect(verified.faults.filter(({ shard }) => shard !== null)).toMatchObject(faults);
    });

  test('ids of statements that do not fit the events', async () => {
    const { rows } = await pool.query<{ id: string }>(
      'select s.id from claimline.statement_ids s join claimline.events e using (event_id) where shard = 0 and position = 1',
    );
    const known = rows[0]!.id;
    await pool.query('delete from claimline.statement_ids where id = $1', [known]);
    await pool.query(
      `insert into claimline.statement_ids values (gen_random_uuid(), '', '00000000-0000-4000-8000-000000000000')`,
    );
    expect((await verify(store)).faults).toEqual([
      { shard: 0, position: 1, what: expect.stringContaining(known) },
      { shard: null, position: null, what: expect.stringContaining('has no event') },
    ]);
  });

  test('nothing where all is as it was written, from any token on, and reports its progress', async () => {
    const heads = await store.heads();
    const progress: [number, number][] = [];
    expect(await verify(store, { onProgress: (done, total) => progress.push([done, total]) })).toEqual({
      events: 12,
      faults: [],
    });
    expect(progress.at(-1)).toEqual([12, 12]);
    const after = new Map(heads.map(({ shard, position }) => [shard, position - 1]));
    expect(await verify(store, { after })).toEqual({ events: 2, faults: [] });
    expect(
      await verify(store, { after: new Map(heads.map(({ shard, position }) => [shard, position])) }),
    ).toEqual({ events: 0, faults: [] });
  });
});
