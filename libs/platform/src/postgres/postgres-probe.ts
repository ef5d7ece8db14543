import pg from 'pg';
import { setSession } from './session-settings.js';
import { isFull } from './slots.js';

/**
 * ready: accepts queries. full: would, but has no connection free. busy: alive, but starting, recovering or shutting down, or one
 * of us is slow, or cannot look, because no file descriptor is left. deaf: nobody listens.
 */
export type Probe = 'ready' | 'full' | 'busy' | 'deaf';

const CANNOT_CONNECT_NOW = '57P03';
const NO_SUCH_DATABASE = '3D000';
const DUPLICATE_DATABASE = '42P04';
const WRONG_PASSWORD = '28P01';
const CANNOT_LOOK = ['EMFILE', 'ENFILE'];
/** The message of pg, which has no code for it. */
const TIMED_OUT = 'timeout expired';

/**
 * Asks once whether the server answers at `url`, and creates the database of that name if it is missing.
 * @throws Error when the server refuses the password: it is not ours then, or the password file is not its own.
 */
export async function probeServer(url: string): Promise<Probe> {
  try {
    await query(url, 'select 1');
    return 'ready';
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (isFull(error)) return 'full';
    if (code === NO_SUCH_DATABASE) {
      await createDatabase(url);
      return 'ready';
    }
    if (code === WRONG_PASSWORD) {
      throw new Error(
        `the PostgreSQL on port ${new URL(url).port} does not take the password kept in the data folder (${message})`,
      );
    }
    // A timeout also occurs where this process itself is busy.
    const isSlow = message === TIMED_OUT;
    return isSlow || code === CANNOT_CONNECT_NOW || CANNOT_LOOK.includes(code ?? '') ? 'busy' : 'deaf';
  }
}

async function createDatabase(url: string): Promise<void> {
  const admin = new URL(url);
  const name = admin.pathname.slice(1);
  admin.pathname = '/postgres';
  try {
    await query(admin.href, `create database ${pg.escapeIdentifier(name)}`);
  } catch (error) {
    if ((error as { code?: string }).code !== DUPLICATE_DATABASE) throw error;
  }
}

async function query(url: string, sql: string): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 5000,
    application_name: 'claimline launcher',
  });
  client.on('error', () => {});
  try {
    await client.connect();
    await setSession(client);
    await client.query(sql);
  } finally {
    await client.end().catch(() => {});
  }
}
