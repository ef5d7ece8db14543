import type { Token } from '#libs/domain';
import { inTransaction, type Db } from '#libs/platform';
import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCheckpoints } from '../tables/checkpoints.js';

const LOCK_TIMEOUT_MS = 500;
const RETRY_MS = 150;
const MAX_WAIT_MS = 60_000;

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Runs something while projection of a generation is paused: projectors at work have committed, and others wait. It waits
 * for the lock only briefly, because everyone after it waits too, and then tries again.
 * @param run called in the transaction that holds the lock, with the checkpoints of the generation
 */
export async function withProjectionPaused<T>(
  pool: pg.Pool,
  schema: string,
  run: (db: Db, at: Token) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return retryLock(
    () =>
      inTransaction(pool, async (db) => {
        await db.query(
          `set local lock_timeout = ${LOCK_TIMEOUT_MS}; lock table ${schema}.checkpoint in exclusive mode`,
        );
        return run(db, await readCheckpoints(db, schema));
      }),
    signal,
  );
}

/** Drops a schema that is no longer read, once its last reader is done. */
export async function dropSchema(pool: pg.Pool, schema: string): Promise<void> {
  await retryLock(() =>
    inTransaction(pool, (db) =>
      db.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}; drop schema if exists ${schema} cascade`),
    ),
  );
}

async function retryLock<T>(
  work: () => Promise<T>,
  signal: AbortSignal = new AbortController().signal,
): Promise<T> {
  for (const begun = performance.now(); ; await sleep(RETRY_MS, undefined, { signal })) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || performance.now() - begun > MAX_WAIT_MS)
        throw error;
    }
  }
}
