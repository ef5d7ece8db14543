import type { Db } from '#libs/platform';
import pg from 'pg';

/** What a role that serves needs in the schema of the log: neither events nor migrations are ever changed by it. */
const grants = (role: string): string[] => [
  `grant usage on schema claimline to ${role}`,
  `grant select, insert, update, delete on all tables in schema claimline to ${role}`,
  `revoke update, delete on claimline.events from ${role}`,
  `revoke insert, update, delete on claimline.log_migrations from ${role}`,
  `grant execute on all functions in schema claimline to ${role}`,
];

/**
 * Grants a role what it needs to serve on the log, as far as it does not own it; nothing beyond. To be run again after each
 * update that adds tables.
 * @param db of the owner of the schema
 */
export async function grantLog(db: Db, role: string): Promise<void> {
  await requireRole(db, role);
  if (await owns(db, role)) return;
  for (const grant of grants(pg.escapeIdentifier(role))) await db.query(grant);
  for (const schema of await unusableTrigrams(db, role))
    await db.query(`grant usage on schema ${schema} to ${pg.escapeIdentifier(role)}`);
}

/** @throws Error where there is no such role */
export async function requireRole(db: Db, role: string): Promise<void> {
  const { rows } = await db.query('select from pg_roles where rolname = $1', [role]);
  if (rows.length === 0)
    throw new Error(`there is no role "${role}" to grant rights to: CREATE ROLE it first`);
}

async function owns(db: Db, role: string): Promise<boolean> {
  const { rows } = await db.query<{ owns: boolean }>(
    `select pg_has_role(r.oid, n.nspowner, 'USAGE') as owns
     from pg_roles r left join pg_namespace n on n.nspname = 'claimline' where r.rolname = $1`,
    [role],
  );
  return rows[0]!.owns;
}

/** The schema of the extension that names are searched with, where the role may not use it. */
async function unusableTrigrams(db: Db, role: string): Promise<string[]> {
  const { rows } = await db.query<{ schema: string }>(
    `select quote_ident(n.nspname) as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace
     where e.extname = 'pg_trgm' and not has_schema_privilege($1, n.oid, 'USAGE')`,
    [role],
  );
  return rows.map(({ schema }) => schema);
}
