import type pg from 'pg';
import type { Logger } from '../logs.js';
import { createPool } from './database-pool.js';
import type { Database } from './database.js';
import type { Db } from './transaction.js';

/** How the names of the sessions of a pool begin; the id of the process follows. */
export const sessionName = (pool: string): string => `claimline ${pool}`;

/** A process with a session on the database; `host` is its address, null for a local socket. */
export interface SessionProcess {
  pid: number;
  host: string | null;
}

/** The processes that have a session of a pool now. */
export async function findProcesses(db: Db, pool: string): Promise<SessionProcess[]> {
  const { rows } = await db.query<SessionProcess>(
    `select distinct substr(application_name, length($1) + 2)::int as pid, host(client_addr) as host
     from pg_stat_activity
     where datname = current_database() and application_name ~ ('^' || $1 || ' [0-9]{1,9}$') order by host, pid`,
    [sessionName(pool)],
  );
  return rows;
}

const READER_CONNECTIONS = 12;
const READ_TIMEOUT_MS = 15_000;

/** The pools on one database: opened by name, closed all at once, and the database with them. */
export class Pools {
  private readonly opened: pg.Pool[] = [];

  constructor(
    readonly database: Database,
    private readonly log: Logger,
  ) {}

  /**
   * Opens a pool; it connects when it is used first.
   * @param max most connections at once
   * @param statementTimeoutMs 0 for none
   */
  open(name: string, max: number, statementTimeoutMs: number): pg.Pool {
    const pool = createPool(this.database.url, {
      max,
      statementTimeoutMs,
      applicationName: `${sessionName(name)} ${process.pid}`,
      onLostConnection: (error) => this.log.warn({ err: error }, 'database connection lost'),
    });
    this.opened.push(pool);
    return pool;
  }

  /** Opens the pool for reading the read models. */
  openReaders(): pg.Pool {
    return this.open('read', READER_CONNECTIONS, READ_TIMEOUT_MS);
  }

  async close(): Promise<void> {
    try {
      await Promise.all(this.opened.splice(0).map((pool) => pool.end()));
    } finally {
      await this.database.close();
    }
  }
}
