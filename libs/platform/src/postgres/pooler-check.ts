import type pg from 'pg';

/** Connections that are opened to see whether they share one session with the first. */
const MAX_OTHERS = 3;

/**
 * Why sessions do not last as long as their connections; undefined where they do. A pooler gives out process numbers of its
 * own, so a server that is reached without one is recognised by the first query. Behind a pooler, other connections hold
 * transactions: where sessions are shared, one of them is in the session of the first, or that one has to move.
 */
export async function poolerProblem(pool: pg.Pool): Promise<string | undefined> {
  const first = await pool.connect();
  const others: pg.PoolClient[] = [];
  try {
    const session = await sessionOf(first);
    if (session === (first as { processID?: number | null }).processID) return undefined;
    while (others.length < Math.min(MAX_OTHERS, pool.options.max - 1)) {
      const other = await pool.connect();
      others.push(other);
      if (!(await begins(other))) return SHARED;
      if ((await sessionOf(other)) === session || (await sessionOf(first)) !== session) return SHARED;
    }
    return undefined;
  } finally {
    // Closed, because they may hold a transaction.
    for (const other of others) other.release(true);
    first.release();
  }
}

const SHARED =
  'connections are pooled by transaction or statement (PgBouncer: pool_mode), and notifications, locks and settings of ' +
  'a session need a session: set pool_mode = session for this database, or connect to PostgreSQL itself';

/** The number of the process that answers. */
async function sessionOf(client: pg.ClientBase): Promise<number> {
  const { rows } = await client.query<{ pid: number }>('select pg_catalog.pg_backend_pid() as pid');
  return rows[0]!.pid;
}

const PROTOCOL_VIOLATION = '08P01';

/** A pooler by statement refuses transactions. */
const begins = (client: pg.ClientBase): Promise<boolean> =>
  client.query('begin').then(
    () => true,
    (error: { code?: string }) => {
      if (error.code === PROTOCOL_VIOLATION) return false;
      throw error as unknown as Error;
    },
  );
