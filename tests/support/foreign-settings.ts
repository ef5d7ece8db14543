import pg from 'pg';

/** Settings that change how values look as text, what a literal means, where names are found, and how long anything may take. */
export const FOREIGN_SETTINGS: Readonly<Record<string, string>> = {
  DateStyle: 'SQL, MDY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'Asia/Kathmandu',
  extra_float_digits: '-12',
  bytea_output: 'escape',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  search_path: 'nowhere',
  default_transaction_isolation: 'serializable',
  default_transaction_deferrable: 'on',
  statement_timeout: '1s',
  lock_timeout: '1s',
  idle_in_transaction_session_timeout: '1s',
  idle_session_timeout: '1s',
};

/** Gives new sessions of a database the foreign settings. @param url of its owner or a superuser */
export const setForeign = (url: string): Promise<void> =>
  alterDatabase(
    url,
    Object.entries(FOREIGN_SETTINGS).map(
      // A list of values must not become one name.
      ([name, value]) => `set ${name} = ${name === 'DateStyle' ? value : pg.escapeLiteral(value)}`,
    ),
  );

/** Takes all settings of a database away again. */
export const resetSettings = (url: string): Promise<void> => alterDatabase(url, ['reset all']);

async function alterDatabase(url: string, changes: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const database = pg.escapeIdentifier(decodeURIComponent(new URL(url).pathname.slice(1)));
  for (const change of changes) await client.query(`alter database ${database} ${change}`);
  await client.end();
}
