import type { Db } from '#libs/platform';

/** A quote, or null if it was erased. */
export type Quotes = ReadonlyMap<string, string | null>;

/** The quotes of statements and retractions, by their ids. */
export async function readQuotes(db: Db, ids: readonly string[]): Promise<Quotes> {
  if (ids.length === 0) return new Map();
  const { rows } = await db.query<{ id: string; quote: string | null }>(
    'select id, quote from claimline.quotes where id = any($1::uuid[])',
    [ids],
  );
  return new Map(rows.map(({ id, quote }) => [id, quote]));
}
