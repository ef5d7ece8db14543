import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { type Caller, KeyRing, Keys, type Role } from '#libs/access';
import { createPool } from '#libs/platform';
import { logDatabase, valueOf } from '../../../tests/support/opened-store.js';

let database: Awaited<ReturnType<typeof logDatabase>>;
let keys: Keys;
let ring: KeyRing;
let pool: pg.Pool;
let stop: () => Promise<void> = async () => {};
const errors: unknown[] = [];

beforeEach(async () => {
  database = await logDatabase();
  keys = new Keys(database.pool);
  pool = createPool(database.url, { max: 3, applicationName: 'ring' });
  ring = new KeyRing(new Keys(pool));
  await ring.refresh();
});
afterEach(async () => {
  await stop();
  stop = async () => {};
  await pool.end();
  await database.close();
});
afterAll(() => void errors.splice(0));

function follow(): void {
  const stopping = new AbortController();
  const following = ring.follow(pool, stopping.signal, (error) => errors.push(error));
  stop = async () => {
    stopping.abort();
    await following;
  };
}

const create = async (roles: Role[] = ['read']) => valueOf(await keys.create({ name: 'Worker 7', roles }));

/** Waits for what must come, however busy the machine is. */
async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; !holds(); await sleep(10))
    if (Date.now() > end) throw new Error('it did not come');
}

describe('the keys in memory', () => {
  it('know the holder of a key, and nobody by any other text', async () => {
    const { id, key } = await create(['ingest', 'curate']);
    await ring.refresh();
    expect(ring.find(key)).toEqual({ kind: 'key', id, name: 'Worker 7', roles: ['ingest', 'curate'] });
    const last = key.at(-1) === 'A' ? 'B' : 'A';
    const other = valueOf(await keys.create({ name: 'Other', roles: ['admin'] }));
    await ring.refresh();
    for (const text of [
      '',
      'cl_',
      id,
      `cl_${id}_`,
      key.slice(0, -1),
      `${key.slice(0, -1)}${last}`,
      `${key}A`,
      `cl_${other.id}_${key.slice(-43)}`,
      `cl_000000000000_${key.slice(-43)}`,
      'x'.repeat(60_000),
    ])
      expect([text.slice(0, 80), ring.find(text)]).toEqual([text.slice(0, 80), 'unknown']);
  });

  it('tell an ended key from an unknown one, to who has its secret', async () => {
    const [revoked, expired] = [await create(), await create()];
    valueOf(await keys.revoke(revoked.id));
    await database.pool.query('update claimline.keys set expires_at = now() where id = $1', [expired.id]);
    await ring.refresh();
    expect([ring.find(revoked.key), ring.find(expired.key)]).toEqual(['revoked', 'expired']);
    expect(ring.find(`cl_${revoked.id}_${'A'.repeat(43)}`)).toBe('unknown');
    expect(ring.isEmpty).toBe(false);
  });

  it('keep the old secret of a rotated key for the time of grace, and no longer', async () => {
    const { id, key } = await create();
    const second = valueOf(await keys.rotate(id, { graceSeconds: 3600 }));
    await ring.refresh();
    expect([ring.find(key), ring.find(second.key)]).toEqual([
      expect.objectContaining({ id }),
      expect.objectContaining({ id }),
    ]);
    await database.pool.query(`update claimline.keys set former_until = now()`);
    await ring.refresh();
    expect([ring.find(key), ring.find(second.key)]).toEqual(['unknown', expect.objectContaining({ id })]);
    const third = valueOf(await keys.rotate(id));
    await ring.refresh();
    expect([ring.find(second.key), ring.find(third.key)]).toEqual([
      'unknown',
      expect.objectContaining({ id }),
    ]);
  });

  it('hold a caller as long as nothing of the key changes', async () => {
    const { id, key } = await create();
    await ring.refresh();
    const caller = ring.find(key) as Caller;
    await create();
    await ring.refresh();
    expect(ring.find(key)).toBe(caller);
    expect(ring.holds(caller)).toBe(true);
    valueOf(await keys.rotate(id, { graceSeconds: 3600 }));
    await ring.refresh();
    expect(ring.holds(caller)).toBe(true);
    await database.pool.query(`update claimline.keys set roles = '{admin}' where id = $1`, [id]);
    await ring.refresh();
    expect(ring.holds(caller)).toBe(false);
    const now = ring.find(key) as Caller;
    valueOf(await keys.revoke(id));
    await ring.refresh();
    expect(ring.holds(now)).toBe(false);
  });
});

describe('the keys in memory follow those of the store', () => {
  it('by its notifications', async () => {
    follow();
    const { id, key } = await create();
    await until(() => typeof ring.find(key) === 'object');
    valueOf(await keys.revoke(id));
    await until(() => ring.find(key) === 'revoked');
    expect(errors).toEqual([]);
  });

  it('without any notification: a change by hand, whatever becomes of the connection that listens', async () => {
    const { id, key } = await create();
    follow();
    await until(() => typeof ring.find(key) === 'object');
    const cut = setInterval(
      () =>
        void database.pool
          .query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where application_name = 'ring' and datname = current_database() and query like 'listen%'`,
          )
          .catch(() => {}),
      20,
    );
    try {
      await until(() => errors.length > 0);
      await database.pool.query('update claimline.keys set revoked_at = now() where id = $1', [id]);
      await until(() => ring.find(key) === 'revoked');
    } finally {
      clearInterval(cut);
      errors.splice(0);
    }
  });

  it('or are not current: what was read more than a second ago decides nothing', async () => {
    expect(ring.isCurrent).toBe(true);
    await sleep(1100);
    expect(ring.isCurrent).toBe(false);
    await ring.refresh();
    expect(ring.isCurrent).toBe(true);
    const away = new KeyRing({
      load: () => Promise.reject(new Error('the database is away')),
      recordUses: async () => {},
    });
    await expect(away.refresh()).rejects.toThrow('away');
    expect(away.isCurrent).toBe(false);
  });

  it('are read once for many who wait', async () => {
    let readings = 0;
    const counting = new KeyRing({
      load: async () => {
        readings += 1;
        await sleep(20);
        return [];
      },
      recordUses: async () => {},
    });
    await Promise.all(Array.from({ length: 100 }, () => counting.current()));
    expect(readings).toBe(1);
    // Who has changed something does not take the answer of a reading from before.
    await Promise.all([counting.current(), ...Array.from({ length: 100 }, () => counting.refresh())]);
    expect(readings).toBe(3);
  });

  it('say when a key was used last, at the latest when the process stops', async () => {
    const [used, unused] = [await create(), await create()];
    follow();
    await until(() => typeof ring.find(used.key) === 'object');
    ring.find(`cl_${unused.id}_${'A'.repeat(43)}`);
    await stop();
    stop = async () => {};
    const listed = await keys.list(10);
    const at = listed.find(({ id }) => id === used.id)!.lastUsedAt!;
    expect(Date.now() - Date.parse(at)).toBeLessThan(60_000);
    expect(listed.find(({ id }) => id === unused.id)!.lastUsedAt).toBeNull();
  });
});
