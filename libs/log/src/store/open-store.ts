import { FOLD } from '#libs/domain';
import { randomUUID } from 'node:crypto';
import { inTransaction, type Db } from '#libs/platform';
import type pg from 'pg';
import { firstLink } from '../rows/chain.js';

const MAX_SHARDS = 4096;

/**
 * The id of the store in this database; creates a store with empty heads where there is none.
 * @param restoring also opens a store that is being restored
 * @throws Error if it has another number of shards, the number is invalid, or a restore into it is not finished
 */
export async function openStore(pool: pg.Pool, shards: number, restoring = false): Promise<string> {
  if (!Number.isInteger(shards) || shards < 1 || shards > MAX_SHARDS)
    throw new RangeError(`SHARDS must be 1 to ${MAX_SHARDS}, not ${shards}`);
  const store = (await findStore(pool)) ?? (await createStore(pool, shards));
  if (store.shards !== shards)
    throw new Error(
      `this store was made with ${store.shards} shards and cannot be opened with ${shards}: set SHARDS=${store.shards}`,
    );
  if (store.restoring && !restoring)
    throw new Error(
      'a restore into this store is not finished: run `claimline restore` again with the same file',
    );
  return store.id;
}

interface Store {
  id: string;
  shards: number;
  restoring: boolean;
  /** The version of `fold` that its names are compared with. */
  fold: number;
}

export async function findStore(db: Db): Promise<Store | undefined> {
  const { rows } = await db.query<Store>('select id, shards, restoring, fold from claimline.store');
  return rows[0];
}

/** Begins a transaction alone on the store: of several processes that start at once, the first creates it, the others wait and find it. */
export const BEGIN_ALONE = 'begin; lock table claimline.store in share row exclusive mode';

const createStore = (pool: pg.Pool, shards: number): Promise<Store> =>
  inTransaction(
    pool,
    async (db) => {
      const store = (await findStore(db)) ?? { id: randomUUID(), shards, restoring: false, fold: FOLD };
      await insertStore(db, store);
      return store;
    },
    { begin: BEGIN_ALONE },
  );

/** Writes a store with empty heads; does nothing if there is one. */
export async function insertStore(db: Db, { id, shards, restoring, fold }: Store): Promise<void> {
  const numbers = Array.from({ length: shards }, (_, shard) => shard);
  await db.query(
    'insert into claimline.store (id, shards, restoring, fold) values ($1, $2, $3, $4) on conflict do nothing',
    [id, shards, restoring, fold],
  );
  await db.query(
    `insert into claimline.heads (shard, position, chain)
     select n.shard, 0, n.chain from unnest($1::smallint[], $2::bytea[]) n (shard, chain) on conflict do nothing`,
    [numbers, numbers.map((shard) => `\\x${firstLink(id, shard)}`)],
  );
}
