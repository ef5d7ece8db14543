import type pg from 'pg';
import { backoffMs, pause } from '#libs/concurrency';

/** Anything that takes queries: a pool, or the connection of a transaction. */
export type Db = Pick<pg.ClientBase, 'query'>;

export interface TransactionOptions {
  /** The SQL that begins it (default `begin`); null where `run` begins it with its first query. */
  begin?: string | null;
  /** Whether everything is run again, in a new transaction, after an error (default: never). */
  retryOn?: (error: unknown) => boolean;
}

const SERIALIZATION_FAILURE = '40001';
const DEADLOCK_DETECTED = '40P01';
const MAX_ATTEMPTS = 10;
const MAX_BACKOFF_MS = 5000;
const INITIAL_BACKOFF_MS = 10;

/** Whether the database aborted a transaction in favour of another one. */
export function isConflict(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === SERIALIZATION_FAILURE || code === DEADLOCK_DETECTED;
}

/**
 * Runs in a transaction on a connection of its own. An exception rolls it back.
 * @returns what `run` returns, once it is committed
 */
export function inTransaction<T>(
  pool: pg.Pool,
  run: (client: pg.PoolClient) => Promise<T>,
  { begin = 'begin', retryOn }: TransactionOptions = {},
): Promise<T> {
  return retryConflicts(
    async () => {
      const client = await pool.connect();
      try {
        if (begin !== null) await client.query(begin);
        const result = await run(client);
        await client.query('commit');
        client.release();
        return result;
      } catch (error) {
        await rollback(client);
        throw error;
      }
    },
    retryOn ?? (() => false),
  );
}

/** Runs again, up to ten times, after an error in which the database aborted it in favour of another. */
export async function retryConflicts<T>(
  run: () => Promise<T>,
  retryOn: (error: unknown) => boolean = isConflict,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !retryOn(error)) throw error;
    }
    // Of two transactions that met, one has to come back later than the other.
    await pause(Math.random() * backoffMs(attempt, MAX_BACKOFF_MS, INITIAL_BACKOFF_MS));
  }
}

/** Rolls back and returns the connection to its pool; one that cannot roll back is closed instead. */
export const rollback = (client: pg.PoolClient): Promise<void> =>
  client.query('rollback').then(
    () => client.release(),
    (lost: Error) => client.release(lost),
  );
