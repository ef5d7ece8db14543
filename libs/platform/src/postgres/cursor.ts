import type pg from 'pg';

export interface PageOptions {
  pageSize: number;
  /** The SQL that begins the transaction of the cursor (default `begin read only`). */
  begin?: string;
  types?: pg.CustomTypesConfig;
  signal?: AbortSignal | undefined;
}

/**
 * The rows of a query, page by page: memory stays flat here, whatever the database does to sort them. The next page is
 * requested while this one is used. Holds one connection until its end.
 * @param select without parameters: a cursor takes none
 */
export async function* readPages<T extends object>(
  pool: pg.Pool,
  select: string,
  { pageSize, begin = 'begin read only', types, signal }: PageOptions,
): AsyncGenerator<T[]> {
  const client = await pool.connect();
  let whole = false;
  const fetch = () => client.query<T>({ text: `fetch ${pageSize} from pages`, types });
  try {
    await client.query(`${begin}; declare pages no scroll cursor for ${select}`);
    for (let coming = fetch(); ;) {
      const { rows } = await coming;
      signal?.throwIfAborted();
      if (rows.length === 0) break;
      coming = fetch();
      coming.catch(() => {});
      yield rows;
    }
    await client.query('commit');
    whole = true;
  } finally {
    // Also if the caller stops early: the transaction ends with the connection.
    client.release(!whole);
  }
}
