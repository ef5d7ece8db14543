import { createHash, randomBytes } from 'node:crypto';
import pg from 'pg';

/** A database for one test file alone. */
export interface TestDatabase {
  url: string;
  /** Drops it, cutting off whoever is still connected. */
  drop: () => Promise<void>;
}

/**
 * A new database, cloned from a template, so that preparing it (migrations, ...) costs only once a run.
 * @param prepare fills the template through its URL, and closes its connections before it resolves
 * @param templateKey names the template: the same key means the same `prepare`
 */
export async function freshDatabase(
  prepare?: (url: string) => Promise<void>,
  templateKey = 'default',
): Promise<TestDatabase> {
  const name = `${prefix()}${randomBytes(6).toString('hex')}`;
  await asAdmin(async (admin) => {
    const template = prepare === undefined ? 'template0' : await templateFor(admin, prepare, templateKey);
    await admin.query(`create database ${name} template ${template}`);
  });
  return {
    url: urlOf(name),
    drop: () =>
      asAdmin(async (admin) => void (await admin.query(`drop database if exists ${name} with (force)`))),
  };
}

async function templateFor(
  admin: pg.Client,
  prepare: (url: string) => Promise<void>,
  key: string,
): Promise<string> {
  const name = `${prefix()}t_${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
  // Of several workers the first one makes it, the others wait. The lock goes with the connection.
  await admin.query('select pg_advisory_lock(hashtext($1))', [name]);
  const { rowCount } = await admin.query('select from pg_database where datname = $1', [name]);
  if (rowCount === 0) {
    const draft = `${name}_draft`;
    await admin.query(`drop database if exists ${draft} with (force)`);
    await admin.query(`create database ${draft} template template0`);
    await prepare(urlOf(draft));
    await admin.query(`alter database ${draft} rename to ${name}`);
  }
  await admin.query('select pg_advisory_unlock(hashtext($1))', [name]);
  return name;
}

function prefix(): string {
  return `claimline_test_${process.env.CLAIMLINE_TEST_RUN}_`;
}

function urlOf(database: string): string {
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  return url.href;
}

function adminUrl(): string {
  const url = process.env.CLAIMLINE_TEST_ADMIN_URL;
  if (url === undefined)
    throw new Error('no test server: run the tests through jest, whose global setup starts one');
  return url;
}

async function asAdmin<T>(use: (admin: pg.Client) => Promise<T>): Promise<T> {
  const admin = new pg.Client({ connectionString: adminUrl() });
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.end();
  }
}
