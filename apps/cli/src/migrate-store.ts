import { appliedMigrations, grantLog, migrate, requireRole, RulesetStore } from '#libs/log';
import {
  checkServer,
  connectionError,
  createLogger,
  INSUFFICIENT_PRIVILEGE,
  inTransaction,
  openOrAttach,
  type Settings,
} from '#libs/platform';
import { grantModels, openGeneration } from '#libs/projection';
import { openPools } from './open-pools.js';

export interface MigrateOptions {
  /** The role that serves. */
  grantTo?: string;
  json?: boolean;
}

const MAX_CONNECTIONS = 4;

/**
 * `claimline migrate`: brings extension, schemas and tables up to date, and grants a role what it needs to serve on them.
 * @throws where the role of DATABASE_URL may not do that, or the read models have to be rebuilt: then all else is done
 */
export async function migrateStore(
  { grantTo, json = false }: MigrateOptions,
  settings: Settings,
): Promise<void> {
  const log = createLogger('warn', 'stderr');
  const pools = await openPools(settings, log, { database: openOrAttach });
  const { database } = pools;
  try {
    const pool = pools.open('migrate', MAX_CONNECTIONS, 0);
    for (const warning of (await checkServer(pool)).warnings) log.warn(warning);
    // Before anything is made.
    if (grantTo !== undefined) await requireRole(pool, grantTo);
    const before = await appliedMigrations(pool);
    await migrate(database.url);
    const ran = [...(await appliedMigrations(pool))!].filter((name) => !before?.has(name));
    if (grantTo !== undefined) await inTransaction(pool, (db) => grantLog(db, grantTo));
    await openGeneration(pool, new RulesetStore(pool), settings, log);
    if (grantTo !== undefined) await inTransaction(pool, (db) => grantModels(db, grantTo));
    process.stdout.write(
      json
        ? `${JSON.stringify({ migrations: ran, grantedTo: grantTo ?? null })}\n`
        : `${ran.length === 0 ? 'the tables were up to date' : `the tables are up to date: ${ran.length} migrations ran`}` +
            `${grantTo === undefined ? '' : `; role ${grantTo} may serve on them`}\n`,
    );
  } catch (error) {
    throw connectionError(database, withoutRights(error));
  } finally {
    await pools.close();
  }
}

/** The same error; for a role that lacks a right, one that says which role may. */
function withoutRights(error: unknown): unknown {
  if ((error as { code?: string }).code !== INSUFFICIENT_PRIVILEGE) return error;
  // Elsewhere its advice is to run this verb.
  const { message } = (error as { cause?: Error }).cause ?? (error as Error);
  return new Error(
    `the role of DATABASE_URL may not migrate this store (${message}): use the role that owns its schemas, ` +
      'or, for a new store, one that may create schemas and extensions',
    { cause: error },
  );
}
