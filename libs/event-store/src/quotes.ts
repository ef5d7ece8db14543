import type { Instant } from '#libs/domain';
import type pg from 'pg';
import { types } from './stored-event.js';

type Db = Pick<pg.ClientBase, 'query'>;

/** The quoted text of a statement or retraction. Once erased, the text and its salt are gone. */
export interface StoredQuote {
  id: string;
  salt: string | null;
  quote: string | null;
  erasedAt: Instant | null;
}

/** The quotes of the ids that have one, by id. */
export async function readQuotes(db: Db, ids: readonly string[]): Promise<Map<string, StoredQuote>> {
  const { rows } = await db.query<StoredQuote>({
    text: `select id, salt, quote, date_trunc('milliseconds', erased_at) at time zone 'UTC' as "erasedAt" from claimline.quotes where id = any($1::uuid[])`,
    values: [ids],
    types,
  });
  return new Map(rows.map((row) => [row.id, row]));
}

/** Erases a quote for good; false where there is none, or none any more. */
export async function eraseQuote(db: Db, id: string, { by, reason }: { by?: string; reason?: string }): Promise<boolean> {
  const { rowCount } = await db.query(
    `update claimline.quotes set salt = null, quote = null, erased_at = now(), erased_by = $2, erase_reason = $3 where id = $1 and erased_at is null`,
    [id, by ?? null, reason ?? null],
  );
  return rowCount === 1;
}
