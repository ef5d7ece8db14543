import pg from 'pg';
import { DataSource } from 'typeorm';
import { rightsError, setSession, type Db } from '#libs/platform';
import { logMigrations } from './log-migrations.js';
import { RulesetRow } from './ruleset-row.js';

const common = {
  type: 'postgres',
  schema: 'claimline',
  installExtensions: false,
  synchronize: false,
} as const;

// The advisory lock of all processes that migrate this schema.
const MIGRATION_LOCK_ID = 7_136_842_001;

/**
 * Brings the schema `claimline` up to date. Processes that start at once wait for each other.
 * @throws where something is to be done and the role lacks the rights
 */
export async function migrate(url: string): Promise<void> {
  const keeper = new pg.Client({ connectionString: url });
  await keeper.connect();
  try {
    await setSession(keeper);
    await keeper.query('select pg_advisory_lock($1)', [MIGRATION_LOCK_ID]);
    // A role that may only use the tables must not be asked to make them.
    if (await isUpToDate(keeper)) return;
    await keeper.query('create schema if not exists claimline');
    await runMigrations(url);
  } catch (error) {
    throw rightsError(error, 'make or change the tables of the log');
  } finally {
    // The lock is released with the connection.
    await keeper.end();
  }
}

async function runMigrations(url: string): Promise<void> {
  const source = await new DataSource({
    ...common,
    url,
    migrations: logMigrations,
    migrationsTableName: 'log_migrations',
    migrationsTransactionMode: 'all',
    poolSize: 1,
    extra: { onConnect: (client: pg.ClientBase) => setSession(client) },
  }).initialize();
  try {
    await source.runMigrations();
  } finally {
    await source.destroy();
  }
}

async function isUpToDate(db: Db): Promise<boolean> {
  const applied = await appliedMigrations(db);
  return applied !== undefined && logMigrations.every(({ name }) => applied.has(name));
}

/** The names of the migrations that a database has; undefined where it has no schema of the log. */
export async function appliedMigrations(db: Db): Promise<Set<string> | undefined> {
  const { rowCount } = await db.query(
    `select from pg_tables where schemaname = 'claimline' and tablename = 'log_migrations'`,
  );
  if (rowCount === 0) return undefined;
  const { rows } = await db.query<{ name: string }>('select name from claimline.log_migrations');
  return new Set(rows.map(({ name }) => name));
}

/** TypeORM on the connections of a given pool: it opens none of its own and closes none. */
export function entitiesOn(pool: pg.Pool): Promise<DataSource> {
  const borrowed = {
    connect: pool.connect.bind(pool),
    on: () => borrowed,
    end: (done: () => void) => done(),
  };
  const driver = {
    Pool: function () {
      return borrowed;
    },
  };
  return new DataSource({ ...common, driver, entities: [RulesetRow] }).initialize();
}
