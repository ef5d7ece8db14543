import type { Instant, Ruleset } from '#libs/domain';
import type pg from 'pg';
import { rollback, type Db } from '../tables/database.js';
import { quoted, rulesetOf, type Generation } from '../tables/generation.js';

const MAX_ATTEMPTS = 10;

/**
 * Reads several tables as of one moment, all of one generation, with its ruleset. If another generation takes its place
 * meanwhile, the table names refer to other tables, and everything is read again.
 * @param run also takes the time at which the last event in the tables was recorded
 */
export async function readConsistently<T>(
  pool: pg.Pool,
  generation: Generation,
  run: (db: Db, ruleset: Ruleset, recordedAt: Instant | null) => Promise<T>,
): Promise<T> {
  const schema = quoted(generation.schema);
  const stamp = `
    select ruleset_version as version, tableoid as oid, (select max(recorded_at) from ${schema}.checkpoint) as "recordedAt"
    from ${schema}.generation`;
  for (let attempt = 1; ; attempt++) {
    const read = await readOnce(pool, stamp, async (db, { version, recordedAt }) =>
      run(db, await rulesetOf(generation, version), recordedAt && recordedAt.toISOString()),
    );
    if (read) return read.result;
    if (attempt === MAX_ATTEMPTS)
      throw new Error('the read models were replaced at every attempt to read them');
  }
}

interface GenerationStamp {
  version: string;
  oid: number;
  recordedAt: Date | null;
}

/** Undefined if another generation took the place of the one at the beginning. */
async function readOnce<T>(
  pool: pg.Pool,
  stamp: string,
  run: (db: Db, stamp: GenerationStamp) => Promise<T>,
): Promise<{ result: T } | undefined> {
  const client = await pool.connect();
  let before: GenerationStamp | undefined;
  try {
    [before] = await readStamp(client, `begin isolation level repeatable read read only; ${stamp}`);
    if (!before) throw new Error('there are no read models');
    const result = await run(client, before);
    const [after] = await readStamp(client, `${stamp}; commit`);
    client.release();
    return after?.oid === before.oid ? { result } : undefined;
  } catch (error) {
    await rollback(client);
    // The tables read may be of two generations: then the error does not matter.
    if (before && (await pool.query<GenerationStamp>(stamp)).rows[0]?.oid !== before.oid) return undefined;
    throw error;
  }
}

/** The rows of the only select among several SQL statements in one message. */
async function readStamp(client: pg.PoolClient, statements: string): Promise<GenerationStamp[]> {
  const results = (await client.query(statements)) as unknown as pg.QueryResult<GenerationStamp>[];
  return results.find(({ command }) => command === 'SELECT')!.rows;
}
