import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { RecordedEvent } from '#libs/domain';
import { migrate, RulesetStore } from '#libs/log';
import { createPool } from '#libs/platform';
import { createGeneration, Projector, READ_MODELS, type Generation, type LogReader } from '#libs/projection';
import { freshDatabase } from './database.js';
import { ModelQueries } from './model-queries.js';
import { ruleset } from './test-log.js';
import { InMemoryProjection } from './in-memory-projection.js';

/** A database of its own with the schema of the log in it, and a pool on it. */
export async function openDatabase(
  max = 12,
): Promise<{ pool: pg.Pool; url: string; close: () => Promise<void> }> {
  const { url, drop } = await freshDatabase(migrate, 'log');
  const pool = createPool(url, { max });
  return {
    pool,
    url,
    close: async () => {
      await pool.end();
      await drop();
    },
  };
}

/** An empty generation, with a projector that fills it and the queries that read it. */
export async function newGeneration(pool: pg.Pool, log: LogReader, schema = READ_MODELS) {
  // Those of the default schema put it in force.
  if (schema === READ_MODELS) await new RulesetStore(pool).remember(ruleset.file);
  const generation = await createGeneration(pool, ruleset, schema);
  return {
    generation,
    projector: new Projector(pool, log, generation),
    models: new ModelQueries(pool, generation),
  };
}

export const TABLES = ['generation', 'checkpoint', 'timeline', 'location', 'location_state', 'state_history'];

/** A digest of every row of every table. */
export async function digests(
  pool: pg.Pool,
  { schema }: Pick<Generation, 'schema'>,
): Promise<Record<string, string>> {
  const digests: Record<string, string> = {};
  for (const table of TABLES)
    digests[table] = createHash('sha256')
      .update((await rowsOf(pool, schema, table)).join('\n'))
      .digest('hex');
  return digests;
}

export async function rowsOf(pool: pg.Pool, schema: string, table: string): Promise<string[]> {
  const { rows } = await pool.query<{ row: string }>(
    `select t::text as row from ${schema}.${table} t order by t::text collate "C"`,
  );
  return rows.map(({ row }) => row);
}

export function chronicleOf(events: Iterable<RecordedEvent>): InMemoryProjection {
  const projection = new InMemoryProjection();
  for (const event of events) projection.append(structuredClone(event));
  return projection;
}
