import type { Instant, Ruleset, Token } from '#libs/domain';
import { type Db, rollback } from '#libs/platform';
import { quoted, readCheckpoints, rulesetOf, type Generation } from '#libs/projection';
import type pg from 'pg';

/** A read of several tables as of one moment, all of one generation, and the ruleset that the answer is folded with. */
export interface ReadTransaction {
  db: Db;
  /** The quoted schema of the tables. */
  schema: string;
  ruleset: Ruleset;
  /** The version of the ruleset, if the query named it. */
  requested: string | undefined;
  /** Whether the tables are derived with the ruleset. */
  isOwn: boolean;
  /** When the last event in the tables was recorded; null if there is none. */
  recordedAt: Instant | null;
  /** What tells this generation of the tables from others. */
  generation: number;
}

const MAX_ATTEMPTS = 10;

/** The tables of read models, for the handlers of queries. Time-outs are the pool's. */
export class ReadModels {
  /** The quoted schema of the tables. */
  readonly schema: string;
  private readonly stamp: string;

  constructor(
    readonly pool: pg.Pool,
    readonly generation: Generation,
  ) {
    this.schema = quoted(generation.schema);
    this.stamp = `
      select ruleset_version as version, tableoid as oid,
        (select max(recorded_at) from ${this.schema}.checkpoint) as "recordedAt"
      from ${this.schema}.generation`;
  }

  /** The ruleset that the read models are now derived with. */
  async ruleset(): Promise<Ruleset> {
    const { rows } = await this.pool.query<{ version: string }>(
      `select ruleset_version as version from ${this.schema}.generation`,
    );
    return rulesetOf(this.generation, rows[0]!.version);
  }

  /** The position up to which the read models have each shard. */
  checkpoints(): Promise<Token> {
    return readCheckpoints(this.pool, this.schema);
  }

  /**
   * Reads several tables as of one moment. If another generation takes the place of this one meanwhile, the table names
   * refer to other tables, and everything is read again.
   * @param requested the ruleset to fold with (default: that of the tables)
   */
  async read<T>(run: (tx: ReadTransaction) => Promise<T>, requested?: Ruleset): Promise<T> {
    const { pool, schema, stamp } = this;
    for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
      const db = await pool.connect();
      let before: Stamp | undefined;
      try {
        [before] = await readStamp(db, `begin isolation level repeatable read read only; ${stamp}`);
        if (!before) throw new Error('there are no read models');
        const { version, recordedAt } = before;
        const result = await run({
          db,
          schema,
          ruleset: requested ?? (await rulesetOf(this.generation, version)),
          requested: requested?.version,
          isOwn: requested === undefined || requested.version === version,
          recordedAt: recordedAt && recordedAt.toISOString(),
          generation: before.oid,
        });
        const [after] = await readStamp(db, `${stamp}; commit`);
        db.release();
        if (after?.oid === before.oid) return result;
      } catch (error) {
        await rollback(db);
        // The tables read may be of two generations: then the error does not matter.
        if (!before || (await pool.query<Stamp>(stamp)).rows[0]?.oid === before.oid) throw error;
      }
    }
    throw new Error('the read models were replaced at every attempt to read them');
  }
}

/** What tells one generation from another. */
interface Stamp {
  version: string;
  oid: number;
  recordedAt: Date | null;
}

/** The rows of the only select among several SQL statements in one message. */
async function readStamp(client: pg.PoolClient, statements: string): Promise<Stamp[]> {
  const results = (await client.query(statements)) as unknown as pg.QueryResult<Stamp>[];
  return results.find(({ command }) => command === 'SELECT')!.rows;
}
