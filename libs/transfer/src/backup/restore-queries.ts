import type { NewEvent } from '#libs/domain';
import type { Db } from '#libs/platform';
import type { ArchivedQuote, ArchivedRuleset } from './archive.js';
import { writeVoiding, type StoredVoiding } from '#libs/commands';

/** Removes a store without events, so that another can take its place. */
export async function removeEmptyStore(db: Db): Promise<void> {
  await db.query('delete from claimline.heads');
  await db.query('delete from claimline.store');
  await db.query('delete from claimline.epochs');
}

/** Marks the store as complete: anyone may open it from now on. */
export async function endRestoring(db: Db): Promise<void> {
  await db.query('update claimline.store set restoring = false');
}

/** Keeps a ruleset, unless one is kept under its version. @returns the digest of the one that is kept */
export async function insertRuleset(
  db: Db,
  { version, content, digest, firstUsedAt }: ArchivedRuleset & { digest: string },
): Promise<string> {
  await db.query(
    'insert into claimline.rulesets (version, content, digest, first_used_at) values ($1, $2, $3, $4) on conflict (version) do nothing',
    [version, content, digest, firstUsedAt],
  );
  const { rows } = await db.query<{ digest: string }>(
    'select digest from claimline.rulesets where version = $1',
    [version],
  );
  return rows[0]!.digest;
}

/** Writes quotes, the erased ones as erased. */
export async function insertArchivedQuotes(
  db: Db,
  quotes: readonly ({ id: string } & ArchivedQuote)[],
): Promise<void> {
  if (quotes.length === 0) return;
  const column = <T>(of: (quote: (typeof quotes)[number]) => T) => quotes.map(of);
  await db.query(
    `insert into claimline.quotes (id, salt, quote, erased_at, erased_by, erase_reason)
     select * from unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::text[], $6::text[])`,
    [
      column(({ id }) => id),
      column((one) => ('quote' in one ? one.salt : null)),
      column((one) => ('quote' in one ? one.quote : null)),
      column((one) => ('erasedAt' in one ? one.erasedAt : null)),
      column((one) => ('erasedAt' in one ? one.erasedBy : null)),
      column((one) => ('erasedAt' in one ? one.reason : null)),
    ],
  );
}

/** Writes the result of voids and reinstatements, given in order: the last one of each id. */
export async function writeVoidings(
  db: Db,
  events: readonly NewEvent<'statement.voided' | 'statement.reinstated'>[],
): Promise<void> {
  const voidings = new Map<string, StoredVoiding>();
  for (const { type, data, statementId, eventId } of events)
    voidings.set(data.retractionId ?? statementId!, { voided: type === 'statement.voided', eventId });
  for (const [id, voiding] of voidings) await writeVoiding(db, id, voiding);
}
