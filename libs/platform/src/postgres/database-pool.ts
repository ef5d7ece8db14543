import pg from 'pg';
import { hidePassword } from '../secrets.js';

export interface PoolOptions {
  /** Most connections at once. */
  max?: number;
  /** A statement that runs longer is cancelled by the server, in milliseconds; 0 for never. */
  statementTimeoutMs?: number;
  /** Shown in pg_stat_activity. */
  applicationName?: string;
  /** Called for connections lost while no query was running on them. */
  onLostConnection?: (error: Error) => void;
}

const INT8_OID = 20;
const INT8_ARRAY_OID = 1016;

/** int8 as a number: positions and counts stay below 2^53, and one that does not must not be rounded in silence. */
function int8ToNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError(`int8 ${text} is too large for a JavaScript number`);
  return value;
}

type Parser = (text: string) => unknown;

// On the pool, not on pg's global table, which would change what TypeORM and other libraries get.
const types: pg.CustomTypesConfig = {
  getTypeParser(oid: number, format?: 'text' | 'binary') {
    const standard = pg.types.getTypeParser(oid, format) as Parser;
    if (format === 'binary') return standard;
    if (oid === INT8_OID) return int8ToNumber;
    if (oid === INT8_ARRAY_OID)
      return (text: string) =>
        (standard(text) as (string | null)[]).map((item) => (item === null ? null : int8ToNumber(item)));
    return standard;
  },
};

/**
 * A pool of connections. int8 comes back as a number, everything else as pg gives it; the session's time zone is UTC,
 * whatever the server's is, because dates turned into text or JSON in SQL depend on it. The loss of a connection
 * fails the query that runs on it and nothing else: the pool opens a new one.
 */
export function createPool(url: string, options: PoolOptions = {}): pg.Pool {
  hidePassword(url);
  const pool = new pg.Pool({
    connectionString: url,
    max: options.max ?? 10,
    statement_timeout: options.statementTimeoutMs ?? 0,
    application_name: options.applicationName ?? 'claimline',
    options: '-c TimeZone=UTC',
    connectionTimeoutMillis: 30_000,
    keepAlive: true,
    types,
  });
  // While a pool ends, the server may stop before its last connections have closed.
  pool.on('error', (error) => void (pool.ending || options.onLostConnection?.(error)));
  // The pool listens on idle clients only; one checked out between two queries would crash the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  return pool;
}
