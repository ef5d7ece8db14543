import { expect, test } from '@jest/globals';
import { logDatabase } from '../../../tests/support/opened-store.js';

const SCHEMA = `
  select format(
    '%s.%s %s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
    case when a.attnotnull then ' not null' else '' end
  ) as line
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  where c.relnamespace = 'claimline'::regnamespace and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
  union all
  select format('%s: %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint
  where connamespace = 'claimline'::regnamespace and contype <> 'n'
  union all
  select indexdef from pg_indexes where schemaname = 'claimline'
  union all
  select format('%s, %s', pg_get_triggerdef(oid), tgenabled) from pg_trigger
  where not tgisinternal and tgrelid = 'claimline.events'::regclass
  order by line`;

test('the schema is the one that is checked in', async () => {
  const { pool, close } = await logDatabase();
  const client = await pool.connect();
  await client.query(`set search_path = pg_catalog`);
  const { rows } = await client.query<{ line: string }>(SCHEMA);
  client.release();
  await close();
  expect(`\n${rows.map(({ line }) => line).join('\n')}\n`).toMatchSnapshot();
});
