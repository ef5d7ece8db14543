import type { Token } from '#libs/domain';
import type pg from 'pg';
import { setTimeout as sleep } from 'node:timers/promises';
import { readCheckpoints } from './checkpoints.js';
import { between, type Db } from './database.js';

const LOCK_TIMEOUT_MS = 500;
const AGAIN_MS = 150;
const MOST_MS = 60_000;

const LOCK_NOT_AVAILABLE = '55P03';

/**
 * Does something while no projector moves a generation: those at work have committed, and others wait. It does not wait
 * long for the lock, because whoever comes after it waits too; it tries again.
 * @param run in the transaction that holds the lock, with the position at which the generation stands still
 */
export async function frozen<T>(
  pool: pg.Pool,
  s: string,
  run: (db: Db, at: Token) => Promise<T>,
  signal?: AbortSignal,
): Promise<T> {
  return patiently(
    () =>
      between(pool, async (db) => {
        await db.query(
          `set local lock_timeout = ${LOCK_TIMEOUT_MS}; lock table ${s}.checkpoint in exclusive mode`,
        );
        return run(db, await readCheckpoints(db, s));
      }),
    signal,
  );
}

/** Drops a schema that nobody reads any more, once the last who did is done. */
export async function dropSchema(pool: pg.Pool, s: string): Promise<void> {
  await patiently(() =>
    between(pool, (db) =>
      db.query(`set local lock_timeout = ${LOCK_TIMEOUT_MS}; drop schema if exists ${s} cascade`),
    ),
  );
}

async function patiently<T>(
  work: () => Promise<T>,
  signal: AbortSignal = new AbortController().signal,
): Promise<T> {
  for (const begun = performance.now(); ; await sleep(AGAIN_MS, undefined, { signal })) {
    signal.throwIfAborted();
    try {
      return await work();
    } catch (error) {
      if ((error as { code?: string }).code !== LOCK_NOT_AVAILABLE || performance.now() - begun > MOST_MS)
        throw error;
    }
  }
}
