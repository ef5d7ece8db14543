import { accept, refuse, type Instant, type Result } from '#libs/domain';
import type { Db } from '#libs/platform';
import type pg from 'pg';
import type { Role } from './caller.js';
import { pastExpiry, type KeyRefusalCode, type KeyRequest, type Rotation } from './key-request.js';
import { generateSecret, KEY_ID, type Secret } from './key-text.js';

/** The channel that announces changes of keys, without a payload. */
export const KEYS_CHANNEL = 'claimline_keys';

/** Keys that work at once: a process has all of them in memory, and reads them twice a second. */
export const MAX_KEYS = 1000;
/** How many keys a process has in memory: of those that have ended the newest, so that they are told from unknown ones. */
const MAX_LOADED = 2 * MAX_KEYS;

export const KEY_STATES = ['active', 'expired', 'revoked'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** A key as it is shown: never its secret. */
export interface Key {
  id: string;
  name: string;
  roles: Role[];
  state: KeyState;
  createdAt: Instant;
  /** The key of the admin, or the user of the command line, who made it. */
  createdBy: string | null;
  expiresAt: Instant | null;
  /** Up to half a minute behind. */
  lastUsedAt: Instant | null;
  revokedAt: Instant | null;
  revokedBy: string | null;
}

/** A key with its secret, which is shown this once. */
export interface IssuedKey extends Key {
  key: string;
}

/** A key as requests are checked with it. */
export interface LoadedKey {
  id: string;
  name: string;
  roles: Role[];
  state: KeyState;
  hash: Buffer;
  /** That of the secret before, while it works. */
  formerHash: Buffer | null;
}

/** A query may not take longer, in milliseconds: requests wait for it. */
const QUERY_TIMEOUT_MS = 3000;

// The database's clock decides, because it is one for all processes.
const STATE = `case when revoked_at is not null then 'revoked' when expires_at <= clock_timestamp() then 'expired' else 'active' end`;
const NOW = `date_trunc('milliseconds', clock_timestamp())`;
const COLUMNS = `id, name, roles, ${STATE} as state, created_at as "createdAt", created_by as "createdBy", expires_at as "expiresAt",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt", revoked_by as "revokedBy"`;

type Times = 'createdAt' | 'expiresAt' | 'lastUsedAt' | 'revokedAt';
type KeyRow = Omit<Key, Times> & Record<Exclude<Times, 'createdAt'>, Date | null> & { createdAt: Date };

const keyOf = ({ createdAt, expiresAt, lastUsedAt, revokedAt, ...row }: KeyRow): Key => ({
  ...row,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt && expiresAt.toISOString(),
  lastUsedAt: lastUsedAt && lastUsedAt.toISOString(),
  revokedAt: revokedAt && revokedAt.toISOString(),
});

/** The keys of a store: `claimline.keys`. */
export class Keys {
  /** @param pool or the connection of a transaction */
  constructor(private readonly pool: Db) {}

  /** @param by who makes it */
  async create(
    { name, roles, expiresAt }: KeyRequest,
    by?: string,
    { id, key, hash }: Secret = generateSecret(),
  ): Promise<Result<IssuedKey, KeyRefusalCode>> {
    const past = pastExpiry(expiresAt);
    if (past) return past;
    const [made] = await this.some(
      `insert into claimline.keys (id, name, roles, hash, created_at, created_by, expires_at)
       select $1::text, $2::text, $3::text[], $4::bytea, ${NOW}, $5::text, $6::timestamptz
       where (select count(*) from claimline.keys where ${STATE} = 'active') < $7 returning ${COLUMNS}`,
      [id, name, roles, hash, by ?? null, expiresAt ?? null, MAX_KEYS],
    );
    if (!made)
      return refuse('keys-full', `${MAX_KEYS} keys work already: revoke those that nobody needs any more`);
    await this.announce();
    return accept({ ...made, key });
  }

  /** Newest first. @param before the key after which the list goes on; @param all also those that have ended */
  list(
    limit: number,
    { before, all = true }: { before?: readonly [createdAt: string, id: string]; all?: boolean } = {},
  ): Promise<Key[]> {
    return this.some(
      `select ${COLUMNS} from claimline.keys
       where ($2::timestamptz is null or (created_at, id) < ($2::timestamptz, $3::text)) and ($4::boolean or ${STATE} = 'active')
       order by created_at desc, id desc limit $1`,
      [limit, before?.[0] ?? null, before?.[1] ?? null, all],
    );
  }

  /** Ends a key for good; one that is revoked already stays as it is. */
  async revoke(id: string, by?: string): Promise<Result<Key, KeyRefusalCode>> {
    const ended = await this.end(id, by);
    return ended.ok ? accept(ended.value.key) : ended;
  }

  /** As `revoke`, with whether it worked until now. */
  async end(id: string, by?: string): Promise<Result<{ key: Key; changed: boolean }, KeyRefusalCode>> {
    const found = await this.change(
      id,
      `update claimline.keys set revoked_at = ${NOW}, revoked_by = $2::text, former_hash = null, former_until = null
       where id = $1 and revoked_at is null returning ${COLUMNS}`,
      [by ?? null],
    );
    return found ? accept(found) : notFound();
  }

  /** Gives a key another secret; id, name and roles stay. The old secret stops at once, or after the time of grace. */
  async rotate(
    id: string,
    { graceSeconds = 0, expiresAt }: Rotation = {},
  ): Promise<Result<IssuedKey, KeyRefusalCode>> {
    const past = pastExpiry(expiresAt);
    if (past) return past;
    if (!KEY_ID.test(id)) return notFound();
    const { key, hash } = generateSecret(id);
    const found = await this.change(
      id,
      `update claimline.keys set hash = $2, expires_at = coalesce($4::timestamptz, expires_at),
         former_hash = case when $3::int > 0 and ${STATE} = 'active' then hash end,
         former_until = case when $3::int > 0 and ${STATE} = 'active' then clock_timestamp() + make_interval(secs => $3) end
       where id = $1 and revoked_at is null
         and coalesce(coalesce($4::timestamptz, expires_at) > clock_timestamp(), true) returning ${COLUMNS}`,
      [hash, graceSeconds, expiresAt ?? null],
    );
    if (!found) return notFound();
    // Whoever had the old secret may have signed in with it.
    if (found.changed && graceSeconds === 0)
      await this.pool.query('delete from claimline.sessions where key_id = $1', [id]);
    if (found.changed) return accept({ ...found.key, key });
    return refuse(
      'key-ended',
      found.key.state === 'revoked'
        ? 'this key is revoked: make another one'
        : 'this key has expired: give it another expiry, or make another one',
    );
  }

  /** All keys that work, and the newest of those that have ended. */
  async load(): Promise<LoadedKey[]> {
    const { rows } = await this.pool.query<LoadedKey>({
      text: `select id, name, roles, hash, ${STATE} as state,
           case when former_until > clock_timestamp() then former_hash end as "formerHash"
         from claimline.keys order by (${STATE} = 'active') desc, created_at desc limit ${MAX_LOADED}`,
      query_timeout: QUERY_TIMEOUT_MS,
    } as pg.QueryConfig);
    return rows;
  }

  /** Keeps when keys were used last. */
  async recordUses(uses: ReadonlyMap<string, number>): Promise<void> {
    await this.pool.query(
      `update claimline.keys k set last_used_at = greatest(k.last_used_at, u.at)
       from unnest($1::text[], $2::timestamptz[]) u (id, at) where k.id = u.id`,
      [[...uses.keys()], [...uses.values()].map((at) => new Date(at).toISOString())],
    );
  }

  /** Changes one key; where the change does not apply, the key as it is. */
  private async change(
    id: string,
    sql: string,
    values: unknown[],
  ): Promise<{ key: Key; changed: boolean } | undefined> {
    if (!KEY_ID.test(id)) return undefined;
    const [changed] = await this.some(sql, [id, ...values]);
    if (changed) {
      await this.announce();
      return { key: changed, changed: true };
    }
    const [key] = await this.some(`select ${COLUMNS} from claimline.keys where id = $1`, [id]);
    return key && { key, changed: false };
  }

  private async some(sql: string, values: unknown[]): Promise<Key[]> {
    const { rows } = await this.pool.query<KeyRow>(sql, values);
    return rows.map(keyOf);
  }

  private async announce(): Promise<void> {
    // If it is lost, processes see the change when they read the keys next, within half a second.
    await this.pool.query(`notify ${KEYS_CHANNEL}`).catch(() => {});
  }
}

// Who gives a whole key for its id must not find it in a log: the id is not named.
const notFound = (): Result<never, KeyRefusalCode> => refuse('key-not-found', 'no key has this id');
