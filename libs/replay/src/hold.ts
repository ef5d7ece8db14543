import type pg from 'pg';
import type { ReplayKind } from './kind.js';

/**
 * Holds a run, and with an exclusive kind the kind: for as long as this connection lives nobody else takes it up. A run
 * whose process has died is free again at once.
 */
export class Hold {
  private constructor(
    readonly client: pg.PoolClient,
    /** Given when the connection is lost, and with it the hold. */
    readonly lost: AbortSignal,
  ) {}

  /** Undefined where somebody else holds it. */
  static async take(
    pool: pg.Pool,
    id: string,
    kind: Pick<ReplayKind, 'kind' | 'exclusive'>,
  ): Promise<Hold | undefined> {
    const hold = await Hold.ofRun(pool, id);
    if (!kind.exclusive || (await hold?.takeKind(kind.kind))) return hold;
    hold?.release();
    return undefined;
  }

  static async ofRun(pool: pg.Pool, id: string): Promise<Hold | undefined> {
    const client = await pool.connect();
    const losing = new AbortController();
    client.once('error', (error: Error) => losing.abort(error));
    client.once('end', () => losing.abort(new Error('the connection that holds the run was closed')));
    const hold = new Hold(client, losing.signal);
    try {
      if (await hold.lock('claimline.replay', id)) return hold;
    } catch (error) {
      hold.release();
      throw error;
    }
    hold.release();
    return undefined;
  }

  takeKind(kind: string): Promise<boolean> {
    return this.lock('claimline.replay.kind', kind);
  }

  /** Not given back to the pool: the locks go with the connection. */
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
