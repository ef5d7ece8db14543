import { DuckDBInstance, type Json } from '@duckdb/node-api';

/** Asks DuckDB, which has none of our code, and answers rows as JSON. It reads files and asks no network. */
export async function asked(sql: string): Promise<Record<string, Json>[]> {
  const instance = await DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    threads: '1',
  });
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRowObjectsJson();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
