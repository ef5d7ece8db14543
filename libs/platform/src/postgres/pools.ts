import type pg from 'pg';
import { retry } from '#libs/concurrency';
import type { Logger } from '../logs.js';
import { createPool } from './database-pool.js';
import { connectionError, type Database } from './database.js';
import { isFull, NO_SLOT, TELL_AFTER_MS, type Waiting } from './slots.js';
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

/** For how long a refused connection counts: where something is waiting for one, it asks more often. */
const REFUSAL_COUNTS_MS = 10_000;
const MAX_BACKOFF_MS = 1000;

/** The pools on one database: opened by name, closed all at once, and the database with them. */
export class Pools {
  private readonly opened: pg.Pool[] = [];
  /** The last connection that the server refused for having none free, unless one was made after it. */
  private refusal: { message: string; at: number } | undefined;
  /** Whether somebody else says that there is none free. */
  private isQuiet = false;

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
      onNoSlot: (error) => this.refused(error),
      onConnected: () => this.connected(),
    });
    this.opened.push(pool);
    return pool;
  }

  /** Why the database has no connection free for us; undefined where it has, as far as was tried. */
  get full(): string | undefined {
    const { refusal } = this;
    if (!refusal || performance.now() - refusal.at > REFUSAL_COUNTS_MS) return undefined;
    return `${NO_SLOT} (${refusal.message})`;
  }

  /**
   * Waits until the database has a connection free; `onWaiting`, or else the log, says so.
   * @throws where there is no connection for another reason; the signal's reason
   */
  async waitForSlot({ signal = new AbortController().signal, onWaiting }: Waiting = {}): Promise<void> {
    const pool = this.open('start', 1, 0);
    this.isQuiet = onWaiting !== undefined;
    const telling = setTimeout(() => this.full && onWaiting?.(this.full), TELL_AFTER_MS);
    try {
      await retry(() => pool.query('select 1'), {
        signal,
        maxBackoffMs: MAX_BACKOFF_MS,
        isPermanent: (error) => !isFull(error),
        onError: () => {},
      });
    } catch (error) {
      throw signal.aborted ? error : connectionError(this.database, error);
    } finally {
      clearTimeout(telling);
      this.isQuiet = false;
      this.opened.splice(this.opened.indexOf(pool), 1);
      await pool.end();
    }
  }

  /** Opens the pool for reading the read models. */
  openReaders(): pg.Pool {
    return this.open('read', READER_CONNECTIONS, READ_TIMEOUT_MS);
  }

  private refused({ message }: Error): void {
    if (!this.refusal && !this.isQuiet) this.log.warn({ reason: message }, `${NO_SLOT}: waiting for one`);
    this.refusal = { message, at: performance.now() };
  }

  private connected(): void {
    if (this.refusal) this.log.info('the database has connections free again');
    this.refusal = undefined;
  }

  async close(): Promise<void> {
    try {
      await Promise.all(this.opened.splice(0).map((pool) => pool.end()));
    } finally {
      await this.database.close();
    }
  }
}
