import type pg from 'pg';
import { backoffMs } from '#libs/concurrency';

const TOO_MANY_CONNECTIONS = '53300';

/** How long a caller of a pool waits for a connection where the server has none free. */
const MAX_WAIT_MS = 5000;
const INITIAL_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 500;

/** Whether the server has no connection free: at all, for this role, or for this database. */
export const isFull = (error: unknown): boolean => (error as { code?: string }).code === TOO_MANY_CONNECTIONS;

/** How to wait, without end, for a connection. */
export interface Waiting {
  /** Ends the wait. */
  signal?: AbortSignal | undefined;
  /** Called once with the reason, when the wait has taken some seconds. */
  onWaiting?: ((why: string) => void) | undefined;
}
export const TELL_AFTER_MS = 3000;
export const NO_SLOT = 'the database has no connection free';

type Connect = (callback: (...answer: Connected) => void) => void;
type Connected = Parameters<Parameters<pg.Pool['connect']>[0]>;

/**
 * Makes a pool wait, for some seconds, where its server has no connection free: meanwhile one may be returned to the pool,
 * or to the server. Queries of the pool wait too.
 * @param onFull called for each refusal
 */
export function waitForSlots(pool: pg.Pool, onFull?: (error: Error) => void): void {
  const connect = pool.connect.bind(pool) as Connect;
  const patiently: Connect = (callback) => {
    let end: number | undefined;
    const attempt = (failures: number) =>
      connect((error, client, done) => {
        if (!error || !isFull(error)) return callback(error, client, done);
        onFull?.(error);
        end ??= performance.now() + MAX_WAIT_MS;
        if (pool.ending || performance.now() > end) return callback(error, client, done);
        setTimeout(() => attempt(failures + 1), backoffMs(failures, MAX_BACKOFF_MS, INITIAL_BACKOFF_MS));
      });
    attempt(1);
  };
  // With a callback the pool itself calls it, for queries.
  const replaced = (callback?: (...answer: Connected) => void) =>
    callback
      ? patiently(callback)
      : new Promise<pg.PoolClient>((resolve, reject) =>
          patiently((error, client) => (error ? reject(error) : resolve(client!))),
        );
  pool.connect = replaced as pg.Pool['connect'];
}
