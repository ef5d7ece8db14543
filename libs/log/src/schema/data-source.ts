import pg from 'pg';
import { DataSource } from 'typeorm';
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

/** Brings the schema `claimline` up to date. Processes that start at once wait for each other. */
export async function migrate(url: string): Promise<void> {
  const keeper = new pg.Client({ connectionString: url });
  await keeper.connect();
  try {
    await keeper.query('select pg_advisory_lock($1)', [MIGRATION_LOCK_ID]);
    await keeper.query('create schema if not exists claimline');
    const source = await new DataSource({
      ...common,
      url,
      migrations: logMigrations,
      migrationsTableName: 'log_migrations',
      migrationsTransactionMode: 'all',
      poolSize: 1,
    }).initialize();
    try {
      await source.runMigrations();
    } finally {
      await source.destroy();
    }
  } finally {
    // The lock is released with the connection.
    await keeper.end();
  }
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
