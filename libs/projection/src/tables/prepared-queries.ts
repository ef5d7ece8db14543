import type { Db } from '#libs/platform';
import type pg from 'pg';

/**
 * JSON texts as one parameter, which `string_to_array($n, chr(10))` splits again: they have no line breaks of their own,
 * and an array would need every quote escaped.
 */
export const joined = (texts: readonly string[]): string => texts.join('\n');

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
export function prepared(db: Db): Db {
  const query = (text: string, values?: unknown[]) =>
    values ? db.query(named(text, values)) : db.query(text);
  return { query } as Db;
}
