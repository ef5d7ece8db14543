import { randomBytes } from 'node:crypto';
import pg from 'pg';

/** A copy of a database, which can take its place. */
export interface DatabaseCopy {
  /**
   * Puts the copy in the place of the database, as a restored backup: whoever is connected is cut off, and finds it when they connect
   * again. What was written since the copy is lost.
   * @param options sameLine: the database then looks as if it was never copied, as with a data folder that is put back
   */
  putBack(options?: { sameLine?: boolean }): Promise<void>;
}

/** Copies the database of a URL whose role is a superuser; sessions on it are cut off meanwhile. */
export async function copyOf(url: string): Promise<DatabaseCopy> {
  const name = nameOf(url);
  const copy = `${name}_copy_${randomBytes(3).toString('hex')}`;
  const lost = `${copy}_lost`;
  await asAdmin(url, async (admin) => {
    await alone(admin, name, () => admin.query(`create database ${copy} template ${name}`));
  });
  return {
    putBack: ({ sameLine = false } = {}) =>
      asAdmin(url, async (admin) => {
        if (sameLine) await onDatabase(url, copy, 'update claimline.store set line = claimline.line()');
        await alone(admin, name, async () => {
          await admin.query(`alter database ${name} rename to ${lost}`);
          await admin.query(`alter database ${copy} rename to ${name}`);
        });
        await admin.query(`drop database ${lost} with (force)`);
      }),
  };
}

/** Does some work on a database while nobody is connected to it. Afterwards the database of that name takes connections. */
async function alone(admin: pg.Client, name: string, work: () => Promise<unknown>): Promise<void> {
  await admin.query(`alter database ${name} with allow_connections false`);
  try {
    for (;;) {
      const { rowCount } = await admin.query(
        'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1',
        [name],
      );
      if (rowCount === 0) break;
    }
    await work();
  } finally {
    await admin.query(`alter database ${name} with allow_connections true`);
  }
}

const nameOf = (url: string): string => new URL(url).pathname.slice(1);

const asAdmin = (url: string, use: (admin: pg.Client) => Promise<void>): Promise<void> =>
  connected(url, 'postgres', use);

const onDatabase = (url: string, name: string, sql: string): Promise<void> =>
  connected(url, name, async (client) => void (await client.query(sql)));

async function connected(
  url: string,
  name: string,
  use: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const target = new URL(url);
  target.pathname = `/${name}`;
  const client = new pg.Client({ connectionString: target.href });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
