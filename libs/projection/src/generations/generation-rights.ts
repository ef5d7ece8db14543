import type { Db } from '#libs/platform';
import pg from 'pg';
import { quoted, READ_MODELS } from '../tables/generation.js';

// The rights in a set of read models. A rebuild makes a schema beside the one in use and renames both.

/** Grants a role what it needs to serve on the read models, as far as it does not own them. @param db of their owner */
export async function grantModels(db: Db, role: string, schema: string = READ_MODELS): Promise<void> {
  const { rows } = await db.query<{ owns: boolean }>(
    `select pg_has_role($1, nspowner, 'USAGE') as owns from pg_namespace where nspname = $2`,
    [role, schema],
  );
  if (rows[0]?.owns) return;
  const [to, of] = [pg.escapeIdentifier(role), quoted(schema)];
  await db.query(`grant usage on schema ${of} to ${to}`);
  await db.query(`grant select, insert, update, delete on all tables in schema ${of} to ${to}`);
}

/**
 * @param schema that is to be replaced, if one is
 * @throws Error before any work, where the role of the session lacks what a rebuild or a check needs
 */
export async function requireRebuildRights(db: Db, schema?: string): Promise<void> {
  const { rows } = await db.query<{ role: string; database: string; creates: boolean; owner: string | null }>(
    `select current_user as role, current_database() as database,
       has_database_privilege(current_database(), 'CREATE') as creates,
       (select nspowner::regrole::text from pg_namespace
        where nspname = $1 and not pg_has_role(nspowner, 'USAGE')) as owner`,
    [schema ?? null],
  );
  const { role, database, creates, owner } = rows[0]!;
  if (creates && owner === null) return;
  throw new Error(
    `the role ${role} may not ${schema === undefined ? 'check' : 'rebuild'} the read models: ` +
      (creates
        ? `the schema ${schema} belongs to ${owner}; run this with that role`
        : `it may not create schemas in the database ${database}; run this with the role of \`claimline migrate\``),
  );
}

/** Grants in one generation what is granted in another, so that those who read and serve go on; its owner is one of them. */
export async function copyGrants(db: Db, from: string, to: string): Promise<void> {
  const { rows } = await db.query<{ grant: string }>(GRANTS, [from, to]);
  for (const { grant } of rows) await db.query(grant);
}

const GRANTS = `
  with grantee as (select oid, quote_ident(rolname) as name from pg_roles union all select 0, 'public')
  select format('grant %s on schema %I to %s', a.privilege_type, $2::text, g.name) as grant
  from pg_namespace n
  cross join aclexplode(coalesce(n.nspacl, acldefault('n', n.nspowner))) a
  join grantee g on g.oid = a.grantee
  where n.nspname = $1 and g.name <> quote_ident(current_user)
  union all
  select format('grant %s on %I.%I to %s', a.privilege_type, $2::text, c.relname, g.name)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  cross join aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a
  join grantee g on g.oid = a.grantee
  where n.nspname = $1 and c.relkind = 'r' and g.name <> quote_ident(current_user)
    and exists (select from pg_tables t where t.schemaname = $2 and t.tablename = c.relname)`;
