import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type pg from 'pg';
import { type IssuedKey, keyRequestSchema, Keys, MAX_KEYS, type KeyRequest } from '#libs/access';
import { parseBody } from '#libs/domain';
import { logDatabase, valueOf } from '../../../tests/support/opened-store.js';

let pool: pg.Pool;
let close: () => Promise<void>;
let keys: Keys;
beforeAll(async () => {
  ({ pool, close } = await logDatabase());
  keys = new Keys(pool);
});
afterEach(() => pool.query('delete from claimline.keys'));
afterAll(() => close());

const WORKER: KeyRequest = { name: 'Worker 7', roles: ['ingest'] };
const create = async (change: Partial<KeyRequest> = {}): Promise<IssuedKey> =>
  valueOf(await keys.create({ ...WORKER, ...change }));
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
/** By hand, as nothing makes one. */
const expire = (id: string) =>
  pool.query(`update claimline.keys set expires_at = now() - interval '1 second' where id = $1`, [id]);
const refusalOf = (outcome: { ok: boolean; refusal?: { code: string } }) => outcome.refusal?.code;

describe('a key', () => {
  it('is shown once; the database has a hash of it', async () => {
    const { key, id } = await create();
    expect(key).toMatch(new RegExp(`^cl_${id}_[A-Za-z0-9_-]{43}$`));
    const secret = key.slice(-43);
    const { rows } = await pool.query<{ row: string }>('select k::text as row from claimline.keys k');
    expect(rows).toHaveLength(1);
    for (const form of [
      secret,
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret, 'base64url').toString('hex'),
    ])
      expect(rows[0]!.row).not.toContain(form);
    expect(JSON.stringify(await keys.list(10))).not.toContain(secret);
  });

  it('is another one each time', async () => {
    const made = [await create(), await create()];
    expect(new Set(made.flatMap(({ id, key }) => [id, key, key.slice(-43)])).size).toBe(6);
  });

  it('has a name, roles, an expiry, and who made it', async () => {
    const expiresAt = inDays(90);
    const made = valueOf(
      await keys.create({ name: 'Desk', roles: ['read', 'curate'], expiresAt }, 'Chief (abc)'),
    );
    const { key: _key, ...shown } = made;
    expect(shown).toEqual({
      id: made.id,
      name: 'Desk',
      roles: ['read', 'curate'],
      state: 'active',
      createdAt: expect.any(String),
      createdBy: 'Chief (abc)',
      expiresAt,
      lastUsedAt: null,
      revokedAt: null,
      revokedBy: null,
    });
    expect(await keys.list(10)).toEqual([shown]);
  });

  it.each([
    ['without a name', { name: ' ' }, '/name'],
    ['with a name of two lines', { name: 'a\nb' }, '/name'],
    ['without a role', { roles: [] }, '/roles'],
    ['with a role that is none', { roles: ['root'] }, '/roles/0'],
    ['with an expiry that is no time', { expiresAt: '90d' }, '/expiresAt'],
    ['with an expiry on a day that is none', { expiresAt: '2027-02-30T00:00:00Z' }, '/expiresAt'],
    ['with a field that is unknown', { secret: 'mine' }, '/secret'],
  ])('is not made %s', (_, change, pointer) => {
    const parsed = parseBody(keyRequestSchema, { ...WORKER, ...change }, 'key-invalid');
    expect(parsed).toMatchObject({ ok: false, refusal: { code: 'key-invalid', errors: [{ pointer }] } });
  });

  it('is not made where it would have expired, and not beyond the limit of those that work', async () => {
    expect(refusalOf(await keys.create({ ...WORKER, expiresAt: inDays(-1) }))).toBe('key-invalid');
    const { id } = await create();
    await pool.query(
      `insert into claimline.keys (id, name, roles, hash, created_at)
       select lpad(to_hex(n), 12, '0'), 'one of many', '{read}', '\\x00', now() from generate_series(2, $1::int) n`,
      [MAX_KEYS],
    );
    expect(refusalOf(await keys.create(WORKER))).toBe('keys-full');
    valueOf(await keys.revoke(id));
    await create();
  });

  it('is listed newest first, page by page; those that have ended only where all are asked for', async () => {
    const made: string[] = [];
    for (let n = 0; n < 5; n++) made.unshift((await create()).id);
    valueOf(await keys.revoke(made[1]!));
    await expire(made[3]!);
    const idsOf = (found: { id: string }[]) => found.map(({ id }) => id);
    const first = await keys.list(2);
    const rest = await keys.list(10, { before: [first[1]!.createdAt, first[1]!.id] });
    // Within a millisecond the order is that of the ids.
    expect([...first, ...rest].map(({ id }) => id).toSorted()).toEqual(made.toSorted());
    expect(idsOf(await keys.list(10, { all: false })).toSorted()).toEqual(
      [made[0]!, made[2]!, made[4]!].toSorted(),
    );
  });
});

describe('the end of a key', () => {
  it('is for good, and repeated without effect', async () => {
    const { id } = await create();
    const revoked = valueOf(await keys.revoke(id, 'Desk (abc)'));
    expect(revoked).toMatchObject({ id, state: 'revoked', revokedBy: 'Desk (abc)' });
    expect(valueOf(await keys.revoke(id, 'another'))).toEqual(revoked);
    expect(refusalOf(await keys.rotate(id))).toBe('key-ended');
  });

  it('is no key where there is none', async () => {
    for (const id of ['000000000000', 'nonsense', ''])
      expect([refusalOf(await keys.revoke(id)), refusalOf(await keys.rotate(id))]).toEqual([
        'key-not-found',
        'key-not-found',
      ]);
  });

  it('of an expired one is taken back by a rotation with another expiry, and only so', async () => {
    const { id } = await create({ expiresAt: inDays(1) });
    await expire(id);
    expect(refusalOf(await keys.rotate(id))).toBe('key-ended');
    expect(refusalOf(await keys.rotate(id, { expiresAt: inDays(-1) }))).toBe('key-invalid');
    const expiresAt = inDays(2);
    expect(valueOf(await keys.rotate(id, { expiresAt, graceSeconds: 60 }))).toMatchObject({
      state: 'active',
      expiresAt,
    });
    // Grace is for a secret that worked.
    expect((await keys.load())[0]!.formerHash).toBeNull();
  });
});
