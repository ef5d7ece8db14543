import pg from 'pg';
import type { TestServer } from './global-setup.js';

/** Ends what global-setup.ts started; on a server of the user's own it drops what this run has left there. */
export default async function globalTeardown(): Promise<void> {
  const { testServer } = globalThis as { testServer?: TestServer };
  if (process.env.TEST_DATABASE_URL) await dropDatabases();
  await testServer?.stop();
}

async function dropDatabases(): Promise<void> {
  const admin = new pg.Client({ connectionString: process.env.CLAIMLINE_TEST_ADMIN_URL });
  await admin.connect();
  try {
    const { rows } = await admin.query<{ datname: string }>(
      'select datname from pg_database where starts_with(datname, $1)',
      [`claimline_test_${process.env.CLAIMLINE_TEST_RUN}_`],
    );
    for (const { datname } of rows)
      await admin.query(`drop database if exists ${pg.escapeIdentifier(datname)} with (force)`);
  } finally {
    await admin.end();
  }
}
