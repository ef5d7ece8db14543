import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { GrowingTree, leafHash, leafOf, rootOfTile, TILE_BYTES, TILE_WIDTH, sha256 } from '#libs/domain';
import { TileWriter, Trees, verify, verifyAgainst } from '#libs/transparency';
import { type EventToAppend, type EventStore } from '#libs/log';
import { claim, openStore } from '../../../tests/support/opened-store.js';
import { isConsistent, rootByInclusion } from '../../../tests/support/tree-proofs.js';

/** More than a tile of tiles, so that the tree has three levels. */
const MANY = TILE_WIDTH * TILE_WIDTH + TILE_WIDTH * 3 + 41;

const template = claim('many');
/** The same statement under an id of its own. */
function another(): EventToAppend {
  const id = randomUUID();
  return {
    event: { ...template.event, eventId: id, statementId: id },
    id: { id, digest: template.id.digest },
  } as unknown as EventToAppend;
}

let store: EventStore;
let pool: pg.Pool;
let trees: Trees;
let close: () => Promise<void>;
let leaves: Buffer[];
let shard: number;
beforeAll(async () => {
  ({ store, pool, close } = await openStore({ shards: 2 }));
  trees = new Trees(pool, store.id);
  shard = store.shardOf('many');
  for (let left = MANY; left > 0; left -= 2000)
    await store.append(Array.from({ length: Math.min(2000, left) }, another));
  leaves = [];
  for (let after = 0; after < MANY; after += 2000)
    leaves.push(...(await store.readShard(shard, after, 2000)).map((event) => leafHash(leafOf(event))));
}, 180_000);
afterAll(() => close());

/** The root of a size, computed from the leaves. */
function rootFromLeaves(size: number): Buffer {
  const known = roots.get(size);
  if (known) return known;
  const tree = new GrowingTree();
  for (let at = 0; at + TILE_WIDTH <= size; at += TILE_WIDTH)
    tree.add(rootOfTile(Buffer.concat(leaves.slice(at, at + TILE_WIDTH))));
  roots.set(size, tree.root(Buffer.concat(leaves.slice(size - (size % TILE_WIDTH), size))));
  return roots.get(size)!;
}
const roots = new Map<number, Buffer>();

const tileRows = async () =>
  (
    await pool.query<{ level: number; index: number; bytes: number }>(
      'select level, index, length(hashes) as bytes from claimline.tiles where shard = $1 order by level, index',
      [shard],
    )
  ).rows;
const full = Array.from({ length: TILE_WIDTH }, (_, index) => ({ level: 0, index, bytes: TILE_BYTES }));

describe('tiles', () => {
  test('without any, the tree of the first events is there already, and no other', async () => {
    expect(await trees.sizes()).toEqual(
      new Map([
        [shard, TILE_WIDTH - 1],
        [1 - shard, 0],
      ]),
    );
    expect(await trees.lag()).toEqual(
      new Map([
        [shard, MANY - TILE_WIDTH + 1],
        [1 - shard, 0],
      ]),
    );
    expect(await trees.heads(await trees.sizes())).toEqual(
      [
        { shard, size: TILE_WIDTH - 1, root: rootFromLeaves(TILE_WIDTH - 1) },
        { shard: 1 - shard, size: 0, root: sha256('') },
      ].toSorted((a, b) => a.shard - b.shard),
    );
  });

  test('are filled in order by several writers at once, cut off again and again, each tile once', async () => {
    const writers = Array.from({ length: 3 }, () => new TileWriter(pool, { pollMs: 5 }));
    for (let n = 0; n < 5; n++) {
      const stop = new AbortController();
      const running = writers.map((writer) => writer.run(stop.signal));
      await new Promise((resolve) => setTimeout(resolve, 30));
      await pool.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and query like '%claimline.tiles%'`,
      );
      stop.abort();
      await Promise.all(running);
      const filled = (await tileRows()).filter(({ level }) => level === 0);
      expect(filled.map(({ index }) => index)).toEqual(filled.map((_, at) => at));
    }
    await Promise.all(writers.map((writer) => writer.catchUp()));
    await writers[0]!.catchUp();
    const rows = await tileRows();
    expect(rows.filter(({ level }) => level === 0)).toEqual([
      ...full,
      ...[256, 257, 258].map((index) => ({ level: 0, index, bytes: TILE_BYTES })),
    ]);
    expect(rows.filter(({ level }) => level > 0)).toEqual([
      { level: 1, index: 0, bytes: TILE_BYTES },
      { level: 1, index: 1, bytes: 3 * 32 },
      { level: 2, index: 0, bytes: 32 },
    ]);
    expect(await trees.sizes()).toEqual(
      new Map([
        [shard, MANY],
        [1 - shard, 0],
      ]),
    );
    expect(await verify(store)).toEqual({ events: MANY, faults: [] });
  }, 60_000);
});

describe('proofs', () => {
  const sizes = [1, 2, 255, 256, 257, 512, 1000, 65_535, 65_536, 65_537, 66_000, MANY];

  test('lead from an event to the root of every later tree', async () => {
    for (const size of sizes)
      for (const position of [1, 2, 255, 256, 257, 511, 65_536, 65_537, size].filter((one) => one <= size)) {
        const { root, path } = await trees.inclusion(shard, position, size);
        expect(root).toEqual(rootFromLeaves(size));
        expect(rootByInclusion(leaves[position - 1]!, position - 1, size, path)).toEqual(root);
      }
  });

  test('show that a tree begins with every earlier one', async () => {
    for (const second of sizes)
      for (const first of [0, ...sizes.filter((one) => one <= second)]) {
        const [proof] = await trees.consistency(new Map([[shard, first]]), new Map([[shard, second]]));
        expect(proof).toMatchObject({
          shard,
          from: { size: first, root: rootFromLeaves(first) },
          to: { size: second, root: rootFromLeaves(second) },
        });
        expect(isConsistent(proof!.from, proof!.to, proof!.path)).toBe(true);
      }
  });
});

test('verify resumes from any token, and reports its progress', async () => {
  const seen: [number, number, number][] = [];
  const after = new Map([[shard, 60_001]]);
  expect(
    await verify(store, {
      after,
      onProgress: (done, total, reached) => seen.push([done, total, reached.get(shard)!]),
    }),
  ).toEqual({ events: MANY - 60_001, faults: [] });
  expect(seen.at(-1)).toEqual([MANY - 60_001, MANY - 60_001, MANY]);
  expect(seen.every(([done, , reached]) => reached === 60_001 + done)).toBe(true);
  const stop = new AbortController();
  let reached = new Map<number, number>();
  const stopped = verify(store, {
    signal: stop.signal,
    onProgress: (done, _total, token) => (
      done > 10_000 && stop.abort(new Error('enough')),
      (reached = new Map(token))
    ),
  });
  await expect(stopped).rejects.toThrow('enough');
  const { events, faults } = await verify(store, { after: reached });
  expect([events + reached.get(shard)!, faults]).toEqual([MANY, []]);
});

describe('behind the back of the triggers', () => {
  /** Changes the database, runs a query, and undoes the change. */
  async function tampered<T>(sql: string, ask: () => Promise<T>): Promise<T> {
    await pool.query('create table if not exists tiles_before as select * from claimline.tiles');
    await pool.query(sql);
    try {
      return await ask();
    } finally {
      await pool.query('truncate claimline.tiles; insert into claimline.tiles select * from tiles_before');
    }
  }
  const other = `sha256('other')`;

  test.each<[string, string, object]>([
    [
      'a leaf',
      `update claimline.tiles set hashes = overlay(hashes placing ${other} from 32 * 7 + 1 for 32) where level = 0 and index = 3`,
      { position: 3 * 256 + 8, what: expect.stringContaining('not the event that the tree was built from') },
    ],
    [
      'a tile of leaves that is gone',
      `delete from claimline.tiles where level = 0 and index = 2`,
      { position: 513, what: expect.stringContaining('missing from the tree, or differs') },
    ],
    [
      'a root over leaves',
      `update claimline.tiles set hashes = overlay(hashes placing ${other} from 32 * 9 + 1 for 32) where level = 1 and index = 0`,
      { position: 9 * 256 + 1 },
    ],
    [
      'a tile of roots that is gone',
      `delete from claimline.tiles where level = 1 and index = 1`,
      { position: 65_537 },
    ],
    [
      'a root over roots',
      `update claimline.tiles set hashes = ${other} where level = 2`,
      { position: 1, what: expect.stringContaining('missing from the tree, or differs') },
    ],
    [
      'a tile beyond the log',
      `insert into claimline.tiles select shard, 0, 260, hashes from claimline.tiles where level = 0 and index = 0`,
      { position: MANY + 1, what: expect.stringContaining('the tree holds 66816 events') },
    ],
  ])(
    'verify names the first event that does not fit: %s',
    async (_what, sql, fault) => {
      expect(await tampered(sql, () => verify(store))).toMatchObject({ faults: [{ shard, ...fault }] });
    },
    60_000,
  );

  test('tiles that are gone from the end are filled again', async () => {
    const heads = await trees.heads(await trees.sizes());
    await tampered('truncate claimline.tiles', async () => {
      expect((await verify(store)).faults).toEqual([]);
      await new TileWriter(pool).catchUp();
      expect(await trees.heads(await trees.sizes())).toEqual(heads);
    });
  }, 60_000);

  test('a log that was recreated without some of its events fits in itself, and not to a checkpoint', async () => {
    const checkpoint = await trees.checkpoint('2026-01-01T00:00:00.000Z');
    expect(await verifyAgainst(store, checkpoint)).toEqual({ events: MANY, faults: [] });
    const early = {
      ...checkpoint,
      heads: await trees.heads(
        new Map([
          [0, 0],
          [1, 0],
          [shard, 700],
        ]),
      ),
    };
    expect(await verifyAgainst(store, early)).toEqual({ events: 700, faults: [] });
    const longer = {
      ...checkpoint,
      heads: checkpoint.heads.map((head) => ({ ...head, size: head.size + 1 })),
    };
    expect((await verifyAgainst(store, longer)).faults).toMatchObject([
      { shard: 0, what: expect.stringContaining('is missing') },
      { shard: 1, what: expect.stringContaining('is missing') },
    ]);
    const foreign = {
      ...checkpoint,
      heads: checkpoint.heads.map((head) => ({ ...head, root: leafHash('foreign') })),
    };
    expect((await verifyAgainst(store, foreign)).faults).toMatchObject([{ shard: 0 }, { shard: 1 }]);
  }, 60_000);
});
