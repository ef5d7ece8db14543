import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { logDatabase } from '../../../tests/support/opened-store.js';
import type { Caller } from '../src/caller.js';
import type { KeyFinder } from '../src/key-finder.js';
import { SESSION_SECONDS, Sessions } from '../src/sessions.js';

/** What was read about a session holds for half a second; a busy machine only makes this longer. */
const STALE_MS = 600;
const WORKER: Caller = { kind: 'key', id: 'a1b2', name: 'Worker 7', roles: ['ingest'] };
const ADA = {
  issuer: 'https://id.example',
  subject: 'ada',
  name: 'Ada Lovelace',
  roles: ['curate', 'operate'] as const,
};

let database: Awaited<ReturnType<typeof logDatabase>>;
let pool: pg.Pool;
/** Keys by their id. */
let holders: Map<string, Caller>;
let keys: KeyFinder;
/** Of two processes. */
let here: Sessions;
let there: Sessions;

beforeAll(async () => {
  database = await logDatabase();
  ({ pool } = database);
});
afterAll(() => database.close());
beforeEach(async () => {
  await pool.query('delete from claimline.sessions');
  holders = new Map([[WORKER.id!, WORKER]]);
  keys = { holderOf: (text) => holders.get(text), holder: (id) => holders.get(id) };
  here = new Sessions(pool, keys);
  there = new Sessions(pool, keys);
});

const count = async () =>
  (await pool.query<{ n: number }>('select count(*)::int as n from claimline.sessions')).rows[0]!.n;

describe('a session', () => {
  it('of a key is found by its token, in every process, with the name and the roles of the key', async () => {
    const { token, session } = await here.begin({ keyId: WORKER.id! });
    expect(here.callerOf(session)).toEqual({ ...WORKER, kind: 'session' });
    expect(session.expiresAt.getTime() - Date.now()).toBeGreaterThan((SESSION_SECONDS - 600) * 1000);
    expect(await here.find(token)).toEqual(session);
    expect(await there.find(token)).toEqual(session);
    // From memory now.
    expect(there.find(token)).toEqual(session);
  });

  it('of an account has the roles that it had at the sign-in, and its issuer and subject as its id', async () => {
    const { token, session } = await here.begin(ADA);
    expect(here.callerOf(session)).toEqual({
      kind: 'session',
      id: 'https://id.example#ada',
      name: 'Ada Lovelace',
      roles: ['curate', 'operate'],
    });
    expect(await there.find(token)).toEqual(session);
  });

  it('is found by nothing else than its token', async () => {
    const { token, session } = await here.begin(ADA);
    const { rows } = await pool.query<{ row: string }>('select s::text as row from claimline.sessions s');
    expect(rows[0]!.row).toContain(session.id);
    expect(rows[0]!.row).not.toContain(token);
    expect(rows[0]!.row).not.toContain(Buffer.from(token, 'base64url').toString('hex'));
    for (const other of ['', token.slice(1), `${token}a`, `${token} `, session.id, token.replace(/./, '.')])
      expect([other, await here.find(other)]).toEqual([other, undefined]);
    expect(await here.find((await here.begin(ADA)).token)).not.toEqual(session);
  });
});

describe('a session ends', () => {
  it('where it is ended at once, and in another process when what that one has read is half a second old', async () => {
    const { token } = await here.begin(ADA);
    expect(await there.find(token)).toBeDefined();
    await here.end(token);
    expect(await here.find(token)).toBeUndefined();
    await sleep(STALE_MS);
    expect(await there.find(token)).toBeUndefined();
  });

  it('and others do not', async () => {
    const [one, other] = [await here.begin(ADA), await here.begin(ADA)];
    await here.end(one.token);
    await here.end('');
    expect(await here.find(other.token)).toBeDefined();
  });

  it('at once with its key', async () => {
    const { session } = await here.begin({ keyId: WORKER.id! });
    const account = await here.begin(ADA);
    holders.clear();
    expect(here.callerOf(session)).toBeUndefined();
    expect(here.callerOf(account.session)).toBeDefined();
  });

  it('and has the roles that its key has now', async () => {
    const { session } = await here.begin({ keyId: WORKER.id! });
    holders.set(WORKER.id!, { ...WORKER, roles: ['read'] });
    expect(here.callerOf(session)).toMatchObject({ roles: ['read'] });
  });

  it('after 12 hours', async () => {
    const { token } = await here.begin(ADA);
    await pool.query(`update claimline.sessions set expires_at = now() - interval '1 millisecond'`);
    await sleep(STALE_MS);
    expect(await here.find(token)).toBeUndefined();
    // Its row goes with the next sign-in.
    await here.begin({ keyId: WORKER.id! });
    expect(await count()).toBe(1);
  });

  it('where the same account has 50 newer ones', async () => {
    const first = await here.begin(ADA);
    const other = await here.begin({ keyId: WORKER.id! });
    for (let n = 0; n < 49; n++) await here.begin(ADA);
    expect(await there.find(first.token)).toBeDefined();
    await here.begin(ADA);
    expect(await count()).toBe(51);
    await sleep(STALE_MS);
    expect(await there.find(first.token)).toBeUndefined();
    expect(await there.find(other.token)).toBeDefined();
  });
});

describe('the database', () => {
  /** Counts questions; fails while `away`. */
  function counted() {
    const state = { questions: 0, away: false };
    const query = (...args: Parameters<pg.Pool['query']>) => {
      state.questions++;
      if (state.away) return Promise.reject(new Error('connection terminated'));
      return pool.query(...args);
    };
    return { state, sessions: new Sessions({ query } as unknown as pg.Pool, keys) };
  }

  it('is asked once for requests that come together, and not again for half a second', async () => {
    const { state, sessions } = counted();
    const { token, session } = await here.begin(ADA);
    const found = await Promise.all(Array.from({ length: 100 }, async () => sessions.find(token)));
    expect(found).toEqual(Array.from({ length: 100 }, () => session));
    expect(state.questions).toBe(1);
    await sleep(STALE_MS);
    await sessions.find(token);
    expect(state.questions).toBe(2);
  });

  it('that is away lets nobody in who was not looked up just now, and is asked again the next time', async () => {
    const { state, sessions } = counted();
    const { token, session } = await here.begin(ADA);
    state.away = true;
    await expect(sessions.find(token)).rejects.toThrow('connection terminated');
    state.away = false;
    expect(await sessions.find(token)).toEqual(session);
    state.away = true;
    await sleep(STALE_MS);
    await expect(sessions.find(token)).rejects.toThrow('connection terminated');
  });

  it('keeps only rows that stand for a key or for an account', async () => {
    const insert = (columns: string, values: string) =>
      pool.query(
        `insert into claimline.sessions (id, token_digest, created_at, expires_at, ${columns})
         values (gen_random_uuid(), '\\x00', now(), now(), ${values})`,
      );
    await expect(insert('name', `'nobody'`)).rejects.toThrow('sessions_stand_for_a_key_or_an_account');
    await expect(insert('key_id, issuer', `'a', 'b'`)).rejects.toThrow(
      'sessions_stand_for_a_key_or_an_account',
    );
    await expect(insert('issuer, subject, name', `'a', 'b', 'c'`)).rejects.toThrow(
      'sessions_stand_for_a_key_or_an_account',
    );
  });
});
