import type pg from 'pg';

/** Whatever a query can be sent to: a pool, or the connection of a transaction. */
export type Db = Pick<pg.ClientBase, 'query'>;

/**
 * JSON texts as one parameter, which `string_to_array($n, chr(10))` takes apart again: they have no line breaks of their
 * own, and an array of them would have to be escaped quote by quote.
 */
export const joined = (texts: readonly string[]): string => texts.join('\n');

/** Runs in a transaction; what it throws rolls everything back. */
export async function transaction<T>(pool: pg.Pool, run: (db: Db) => Promise<T>, mode = ''): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query(`begin ${mode}`);
    const result = await run(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    // A connection that cannot even roll back is not given back to the pool.
    await client.query('rollback').then(
      () => client.release(),
      (lost: Error) => client.release(lost),
    );
    throw error;
  }
}

/** Reads several tables as they were at one moment. */
export const reading = <T>(pool: pg.Pool, run: (db: Db) => Promise<T>): Promise<T> =>
  transaction(pool, run, 'isolation level repeatable read read only');
