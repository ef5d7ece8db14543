import type { Instant, Token } from '#libs/domain';
import type { Db } from '#libs/platform';
import type pg from 'pg';
import type { Head } from '../rows/heads.js';
import { types } from '../rows/stored-event.js';

/** The settled part of the log. */
export interface Settled {
  /** The database's clock. */
  now: Instant;
  /** Every event recorded at this time or earlier is within the heads. */
  at: Instant;
  heads: Pick<Head, 'shard' | 'position'>[];
}

/**
 * A writer reads the clock once it holds the heads of its shards, and commits later: until then nobody sees its events.
 * So events may still appear with times from the start of the oldest such writer on, or from the present millisecond on.
 * The heads are read after that, by an SQL statement of its own in the same message. If the database does not report the
 * start of a writer, no time counts as settled.
 */
export async function readSettled(db: Db): Promise<Settled> {
  const results = (await db.query({
    text: `
      select date_trunc('milliseconds', statement_timestamp()) at time zone 'UTC' as now,
        (date_trunc('milliseconds', least(statement_timestamp(), min(
          case when a.xact_start is null and a.state is distinct from 'idle' then 'epoch' else a.xact_start end
        ))) - interval '1 millisecond') at time zone 'UTC' as at
      from pg_locks l join pg_stat_activity a using (pid)
      where l.relation = 'claimline.heads'::regclass and l.mode = 'RowShareLock'
        and l.database = (select oid from pg_database where datname = current_database());
      select shard, position from claimline.heads order by shard`,
    types,
  })) as unknown as [pg.QueryResult<Omit<Settled, 'heads'>>, pg.QueryResult<Settled['heads'][number]>];
  return { ...results[0].rows[0]!, heads: results[1].rows };
}

/** By shard: when the event right after the position of a token was recorded. */
export async function readNextAfter(db: Db, token: Token): Promise<Map<number, Instant>> {
  const { rows } = await db.query<{ shard: number; recordedAt: Instant }>({
    name: 'next-after',
    text: `
      select e.shard, e.recorded_at at time zone 'UTC' as "recordedAt" from unnest($1::smallint[], $2::bigint[]) t (shard, position)
      join claimline.events e on e.shard = t.shard and e.position = t.position + 1`,
    values: [[...token.keys()], [...token.values()]],
    types,
  });
  return new Map(rows.map(({ shard, recordedAt }) => [shard, recordedAt]));
}
