import type { Db } from '#libs/platform';
import { TABLES } from './generation.js';

/** The digest of a table's rows: the same for the same rows in any order. */
export interface TableDigest {
  rows: number;
  /** 128 bits, hexadecimal: the sums of two hashes of each row. For comparison on one server; it is not a seal. */
  digest: string;
}

export type Digests = Record<(typeof TABLES)[number], TableDigest>;

/** The digests of the tables of a generation. */
export async function digestTables(db: Db, schema: string): Promise<Digests> {
  const digests: Partial<Digests> = {};
  for (const table of TABLES) digests[table] = await digestTable(db, `${schema}.${table}`);
  return digests as Digests;
}

async function digestTable(db: Db, table: string): Promise<TableDigest> {
  const { rows } = await db.query<{ rows: string; a: string; b: string }>(
    `select count(*)::text as rows, coalesce(sum(hash_record_extended(t, 0)::numeric), 0)::text as a,
       coalesce(sum(hash_record_extended(t, 1)::numeric), 0)::text as b
     from ${table} t`,
  );
  const { rows: count, a, b } = rows[0]!;
  return { rows: Number(count), digest: `${hex(a)}${hex(b)}` };
}

const hex = (sum: string) => BigInt.asUintN(64, BigInt(sum)).toString(16).padStart(16, '0');

/** The tables whose digests differ. */
export const differing = (a: Digests, b: Digests): (typeof TABLES)[number][] =>
  TABLES.filter((table) => a[table].digest !== b[table].digest || a[table].rows !== b[table].rows);

/** A row that differs, or that only one of the generations has. */
export interface RowFault {
  table: (typeof TABLES)[number];
  /** The key of the row. */
  row: string;
  what: 'differs' | 'is missing' | 'should not be there';
}

const KEYS: Record<(typeof TABLES)[number], string> = {
  timeline: 'statement_id::text',
  location: 'id',
  location_state: 'id',
  state_history: `location_id || ' from ' || to_json("from")`,
};

/** The first faulty rows of a table, by their keys. */
export async function rowFaults(
  db: Db,
  table: (typeof TABLES)[number],
  is: string,
  should: string,
  limit: number,
): Promise<RowFault[]> {
  const hashed = (schema: string) =>
    `(select ${KEYS[table]} as key, hash_record_extended(t, 0) as hash from ${schema}.${table} t)`;
  const { rows } = await db.query<{ row: string; what: RowFault['what'] }>(
    `select key as row, case when a.hash is null then 'is missing' when b.hash is null then 'should not be there' else 'differs' end as what
     from ${hashed(is)} a full join ${hashed(should)} b using (key) where a.hash is distinct from b.hash order by key limit $1`,
    [limit],
  );
  return rows.map((fault) => ({ table, ...fault }));
}

/** A place whose status differs. Null if a generation does not have the place. */
export interface StatusChange {
  id: string;
  name: string;
  from: string | null;
  to: string | null;
}

const ROWS_PER_QUERY = 500;

/** The places whose status differs between two generations, by id; in the transaction of a connection. */
export async function* statusChanges(db: Db, from: string, to: string): AsyncGenerator<StatusChange> {
  await db.query(
    `declare changes no scroll cursor for
     select id, coalesce(b.name, a.name) as name, a.status as "from", b.status as "to"
     from ${statuses(from)} a full join ${statuses(to)} b using (id)
     where a.status is distinct from b.status order by id`,
  );
  for (;;) {
    const { rows } = await db.query<StatusChange>(`fetch ${ROWS_PER_QUERY} from changes`);
    if (rows.length === 0) return;
    yield* rows;
  }
}

const statuses = (schema: string) =>
  `(select id, state::json->>'status' as status, state::json->>'name' as name from ${schema}.location_state)`;
