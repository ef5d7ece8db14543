import type pg from 'pg';

/** Anything that takes queries: a pool, or the connection of a transaction. */
export type Db = Pick<pg.ClientBase, 'query'>;

/**
 * JSON texts as one parameter, which `string_to_array($n, chr(10))` splits again: they have no line breaks of their own,
 * and an array would need every quote escaped.
 */
export const joined = (texts: readonly string[]): string => texts.join('\n');

/** Runs in a transaction; an exception rolls it back. */
export const transaction = <T>(pool: pg.Pool, run: (db: Db) => Promise<T>): Promise<T> =>
  between(pool, (client) => run(prepared(client)));

export async function between<T>(pool: pg.Pool, run: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const result = await run(client);
    await client.query('commit');
    client.release();
    return result;
  } catch (error) {
    await rollback(client);
    throw error;
  }
}

/** A connection that cannot roll back does not return to the pool. */
export const rollback = (client: pg.PoolClient): Promise<void> =>
  client.query('rollback').then(
    () => client.release(),
    (lost: Error) => client.release(lost),
  );

const names = new Map<string, string>();

/** A query that a connection plans once. The texts are few: what varies is in the values. */
export function named(text: string, values: unknown[]): pg.QueryConfig {
  let name = names.get(text);
  if (name === undefined) names.set(text, (name = `read-models-${names.size}`));
  return { name, text, values };
}

/**
 * A connection that plans each query with parameters once: a projector repeats the same dozen queries, and for small
 * batches planning would cost more than running them.
 */
function prepared(client: pg.PoolClient): Db {
  const query = (text: string, values?: unknown[]) =>
    values ? client.query(named(text, values)) : client.query(text);
  return { query } as Db;
}
