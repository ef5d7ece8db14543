import type pg from 'pg';
import type { Db } from './transaction.js';

/**
 * What Claimline relies on in each of its sessions: the form of values as text, and that nothing but its own limits ends
 * its work. Roles, databases, servers, poolers and DATABASE_URL may set something else.
 */
const SESSION_SETTINGS: Readonly<Record<string, string>> = {
  TimeZone: 'UTC',
  DateStyle: 'ISO, YMD',
  IntervalStyle: 'postgres',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  client_encoding: 'UTF8',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  transaction_timeout: '0',
};

// Names are qualified: until it has run, the search_path is anybody's. A server may be too old for some of the settings.
const SET_SESSION = `
  select pg_catalog.set_config(s.name, s.value, false)
  from pg_catalog.json_each_text($1::pg_catalog.json) s (name, value)
  where pg_catalog.current_setting(s.name, true) is not null
  union all
  select pg_catalog.set_config('search_path', coalesce(
    (select pg_catalog.quote_ident(n.nspname)
     from pg_catalog.pg_extension e join pg_catalog.pg_namespace n on n.oid = e.extnamespace
     where e.extname = 'pg_trgm'),
    'public'), false)`;

const TIME_LIMIT_MS = 30_000;
/** The message of pg where a query takes longer than its time limit; it has no code. */
const TIMED_OUT = 'Query read timeout';

/**
 * Sets what Claimline relies on in a new session, and its limit of time for a statement, which is sent even where it is 0
 * (none). For the option `onConnect` of a pool: the pool closes a connection on which this fails.
 * @throws where the session takes no query within 30 s, as behind a pooler that has no connection left
 */
export async function setSession(
  client: Pick<pg.ClientBase, 'query'>,
  statementTimeoutMs = 0,
): Promise<void> {
  const settings = { ...SESSION_SETTINGS, statement_timeout: String(statementTimeoutMs) };
  // One object: the types of pg know the limit of time of a connection, not that of a query.
  const query = { text: SET_SESSION, values: [JSON.stringify(settings)], query_timeout: TIME_LIMIT_MS };
  try {
    await client.query(query);
  } catch (error) {
    if ((error as Error).message !== TIMED_OUT) throw error;
    throw new Error('timeout exceeded when trying to connect: the session takes no query', { cause: error });
  }
}

/** What a session has in place of the settings that it needs, a sentence each; empty where they hold. */
export async function sessionProblems(db: Db): Promise<string[]> {
  const { rows } = await db.query<{ name: string; setting: string }>(
    'select name, setting from pg_catalog.pg_settings where name = any($1)',
    [Object.keys(SESSION_SETTINGS)],
  );
  return rows
    .filter(({ name, setting }) => setting !== SESSION_SETTINGS[name])
    .map(
      ({ name, setting }) =>
        `${name} is "${setting}" in a session that was told "${SESSION_SETTINGS[name]}": ` +
        'find what sets it (a pooler, a trigger on login), and remove it',
    );
}
