import { FOLD } from '#libs/domain';
import { randomUUID } from 'node:crypto';
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
  const store = (await findStore(pool)) ?? (await make(pool, shards));
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

export async function findStore(db: Pick<pg.ClientBase, 'query'>): Promise<Store | undefined> {
  const { rows } = await db.query<Store>('select id, shards, restoring, fold from claimline.store');
  return rows[0];
}

async function make(pool: pg.Pool, shards: number): Promise<Store> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    // If several processes start at once, the first creates the store; the others wait here and find it.
    await client.query('lock table claimline.store in share row exclusive mode');
    const store = (await findStore(client)) ?? { id: randomUUID(), shards, restoring: false, fold: FOLD };
    await insertStore(client, store);
    await client.query('commit');
    return store;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/** Writes a store with empty heads; does nothing if there is one. */
export async function insertStore(
  db: Pick<pg.ClientBase, 'query'>,
  { id, shards, restoring, fold }: Store,
): Promise<void> {
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
