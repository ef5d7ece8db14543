import type { Db } from '#libs/platform';

/** Erases a quote for good; false where there is none, or it is erased already. */
export async function eraseQuote(
  db: Db,
  id: string,
  { by, reason }: { by?: string; reason?: string },
): Promise<boolean> {
  const { rowCount } = await db.query(
    `update claimline.quotes
     set salt = null, quote = null, erased_at = now(), erased_by = $2, erase_reason = $3
     where id = $1 and erased_at is null`,
    [id, by ?? null, reason ?? null],
  );
  return rowCount === 1;
}
