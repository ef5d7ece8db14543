import type pg from 'pg';
import type { JobHandler } from './job-handler.js';

/**
 * The lock on a run, and on its kind if that is exclusive: while this connection lives, nobody else claims the run. The run
 * of a process that has died is released at once.
 */
export class JobLock {
  private constructor(
    readonly client: pg.PoolClient,
    /** Aborted when the connection is lost, and with it the lock. */
    readonly lost: AbortSignal,
  ) {}

  /** Undefined if somebody else holds the lock. */
  static async take(
    pool: pg.Pool,
    id: string,
    handler: Pick<JobHandler, 'kind' | 'exclusive'>,
  ): Promise<JobLock | undefined> {
    const lock = await JobLock.ofRun(pool, id);
    if (!handler.exclusive || (await lock?.takeKind(handler.kind))) return lock;
    lock?.release();
    return undefined;
  }

  static async ofRun(pool: pg.Pool, id: string): Promise<JobLock | undefined> {
    const client = await pool.connect();
    const losing = new AbortController();
    client.once('error', (error: Error) => losing.abort(error));
    client.once('end', () => losing.abort(new Error('the connection that holds the run was closed')));
    const lock = new JobLock(client, losing.signal);
    try {
      if (await lock.lock('claimline.replay', id)) return lock;
    } catch (error) {
      lock.release();
      throw error;
    }
    lock.release();
    return undefined;
  }

  takeKind(kind: string): Promise<boolean> {
    return this.lock('claimline.replay.kind', kind);
  }

  /** Closed instead of returned to the pool: this releases the locks. */
  release(): void {
    this.client.release(true);
  }

  private async lock(space: string, name: string): Promise<boolean> {
    const { rows } = await this.client.query<{ held: boolean }>(
      'select pg_try_advisory_lock(hashtext($1), hashtext($2)) as held',
      [space, name],
    );
    return rows[0]!.held;
  }
}
