import type { Remarks } from '#libs/domain';
import type pg from 'pg';

type Db = Pick<pg.ClientBase, 'query'>;

/** Erases a quote for good; false where there is none, or none any more. */
export async function eraseQuote(db: Db, id: string, { by, reason }: Remarks): Promise<boolean> {
  const { rowCount } = await db.query(
    `update claimline.quotes set salt = null, quote = null, erased_at = now(), erased_by = $2, erase_reason = $3 where id = $1 and erased_at is null`,
    [id, by ?? null, reason ?? null],
  );
  return rowCount === 1;
}

/** Who erased a quote, and why; undefined where there was none. */
export async function readErasure(db: Db, id: string): Promise<Remarks | undefined> {
  const { rows } = await db.query<{ by: string | null; reason: string | null }>('select erased_by as by, erase_reason as reason from claimline.quotes where id = $1 and erased_at is not null', [id]);
  return rows[0] && { by: rows[0].by ?? undefined, reason: rows[0].reason ?? undefined };
}
