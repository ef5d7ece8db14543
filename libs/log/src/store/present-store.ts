import { FOLD } from '#libs/domain';
import type pg from 'pg';
import { appliedMigrations } from '../schema/data-source.js';
import { logMigrations } from '../schema/log-migrations.js';
import { findStore } from './open-store.js';

/** `none`: there is no store. `older`, `newer`: there is one with the tables of another version. */
export type StorePresence = 'none' | 'older' | 'newer' | 'present';

/** Looks for a store in a database; changes nothing. */
export async function lookForStore(pool: pg.Pool): Promise<StorePresence> {
  const { rowCount: tables } = await pool.query(
    `select from pg_tables where schemaname = 'claimline' and tablename in ('store', 'log_migrations')`,
  );
  if (tables !== 2 || (await pool.query('select from claimline.store')).rowCount === 0) return 'none';
  const applied = (await appliedMigrations(pool))!;
  const known = new Set(logMigrations.map(({ name }) => name));
  if ([...applied].some((name) => !known.has(name))) return 'newer';
  if ([...known].some((name) => !applied.has(name))) return 'older';
  const { fold, restoring } = (await findStore(pool))!;
  // The restore folds its names at the end; until then opening the store reports it.
  if (restoring) return 'present';
  return fold < FOLD ? 'older' : fold > FOLD ? 'newer' : 'present';
}
