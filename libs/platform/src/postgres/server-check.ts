import type pg from 'pg';
import { poolerProblem } from './pooler-check.js';
import { INSUFFICIENT_PRIVILEGE } from './rights.js';
import { sessionProblems } from './session-settings.js';

/** The server cannot serve Claimline as it is; `message` names everything that has to be changed. */
export class ServerCheckError extends Error {
  override name = 'ServerCheckError';
}

export interface ServerReport {
  /** As `server_version_num`: 180004 for 18.4. */
  version: number;
  /** Settings that work but should be changed. */
  warnings: string[];
}

interface ServerSettings {
  version: number;
  encoding: string;
  fsync: string;
  synchronousCommit: string;
  database: string;
}

const SETTINGS = `
  select current_setting('server_version_num')::int as version,
         current_setting('server_encoding') as encoding,
         current_setting('fsync') as fsync,
         current_setting('synchronous_commit') as "synchronousCommit",
         current_database() as database`;

/**
 * Checks that the server behind the pool can do what Claimline needs, and creates the extension pg_trgm.
 * @throws ServerCheckError, which names all problems at once, and how to solve them.
 */
export async function checkServer(pool: pg.Pool): Promise<ServerReport> {
  const settings = (await pool.query<ServerSettings>(SETTINGS)).rows[0]!;
  // Where sessions are shared, nothing else that is asked of one is certain.
  const pooled = await poolerProblem(pool);
  if (pooled !== undefined) throw refused(settings, [pooled]);
  const wrong = await sessionProblems(pool);
  if (settings.version < 160_000) {
    wrong.push(`PostgreSQL ${Math.floor(settings.version / 10_000)} is too old: use version 16 or newer`);
  }
  if (settings.encoding !== 'UTF8') {
    wrong.push(`the database is encoded in ${settings.encoding}: ${howToCreate(settings)}`);
  } else {
    const problem = await trigramProblem(pool, settings);
    if (problem !== undefined) wrong.push(problem);
  }
  if (wrong.length > 0) throw refused(settings, wrong);
  const warnings: string[] = [];
  if (settings.fsync !== 'on')
    warnings.push('fsync is off: a power failure can destroy the database; set fsync = on');
  if (settings.synchronousCommit === 'off') {
    warnings.push(
      'synchronous_commit is off: acknowledged statements can be lost in a crash; set synchronous_commit = on',
    );
  }
  return { version: settings.version, warnings };
}

const refused = ({ database }: ServerSettings, wrong: readonly string[]) =>
  new ServerCheckError(
    `database "${database}" cannot be used:\n${wrong.map((line) => `  ${line}`).join('\n')}`,
  );

async function trigramProblem(pool: pg.Pool, settings: ServerSettings): Promise<string | undefined> {
  try {
    await pool.query('create extension if not exists pg_trgm');
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    // Two processes at once: the other one has created it.
    if (code !== '23505' && code !== '42710') {
      return (
        `the extension pg_trgm cannot be created (${message}): install PostgreSQL's contrib package, ` +
        'and run `claimline migrate` with a role that may create it, or as a superuser in this database: ' +
        'CREATE EXTENSION pg_trgm'
      );
    }
  }
  const { rows } = await pool.query<{ schema: string }>(
    `select quote_ident(n.nspname) as schema
     from pg_extension e join pg_namespace n on n.oid = e.extnamespace
     where e.extname = 'pg_trgm'`,
  );
  const schema = rows[0]?.schema ?? 'public';
  const trigrams = await pool
    .query<{ found: boolean }>(`select ${schema}.show_trgm('куп') <> '{}' as found`)
    .catch((error: { code?: string }) => {
      if (error.code !== INSUFFICIENT_PRIVILEGE) throw error as unknown as Error;
    });
  if (!trigrams)
    return `the role may not use the schema of the extension pg_trgm: GRANT USAGE ON SCHEMA ${schema} TO it`;
  return trigrams.rows[0]?.found === true
    ? undefined
    : `its locale knows no Cyrillic letters, so names could not be searched: ${howToCreate(settings)}`;
}

// The encoding and the locale of a database are fixed when it is created.
function howToCreate({ database }: ServerSettings): string {
  return (
    `create a new one with CREATE DATABASE "${database}_utf8" TEMPLATE template0 ENCODING 'UTF8' ` +
    "LOCALE_PROVIDER libc LOCALE 'C.UTF-8', and name it in DATABASE_URL"
  );
}
