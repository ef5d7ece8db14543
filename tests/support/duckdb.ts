import { DuckDBInstance, type Json } from '@duckdb/node-api';

/** Queries files with DuckDB, an independent reader without network access. @returns rows as JSON */
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
