import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Caller, Role } from './caller.js';
import type { KeyFinder } from './key-finder.js';

/** How long a session lasts, in seconds. */
export const SESSION_SECONDS = 12 * 60 * 60;
/** Sessions of one key or account: the oldest ends where there are more. */
const MAX_SESSIONS = 50;
/** What was read about a session holds for this long, in milliseconds: one that ends elsewhere ends here as fast. */
const FRESH_MS = 500;
const MAX_REMEMBERED = 10_000;

const TOKEN_BYTES = 32;
const TOKEN = /^[\w-]{43}$/;

/** An account at a provider of OpenID Connect. */
export interface Account {
  issuer: string;
  subject: string;
  name: string;
  roles: readonly Role[];
}

/** A session as it is kept: `callerOf` says whether it counts. */
export interface Session {
  id: string;
  expiresAt: Date;
  /** The key or the account that it stands for. */
  of: { keyId: string } | Account;
}

interface SessionRow {
  id: string;
  key_id: string | null;
  issuer: string | null;
  subject: string | null;
  name: string | null;
  roles: Role[] | null;
  /** Milliseconds since 1970. */
  expires: number;
}

type Found = Session | undefined;

interface Remembered {
  /** When it was asked for, by the clock of the process. */
  since: number;
  found: Found | Promise<Found>;
}

const COLUMNS =
  'id, key_id, issuer, subject, name, roles, (extract(epoch from expires_at) * 1000)::bigint as expires';

/**
 * Who is signed in. A session stands for a key or an account, and is found by a random token that only its browser has: the
 * database has the digest. It lasts 12 hours, and ends with its key. One that was ended in another process ends here within
 * half a second, and nobody waits for the database more often than that.
 */
export class Sessions {
  private readonly remembered = new Map<string, Remembered>();

  constructor(
    private readonly pool: Pick<pg.Pool, 'query'>,
    private readonly keys: KeyFinder,
  ) {}

  /** The holder of the key with this text; undefined where it is not valid. */
  keyHolder(text: string): Caller | undefined {
    return this.keys.holderOf(text);
  }

  /**
   * Begins a session.
   * @param of a key that is valid, or an account
   * @returns the session, and the token that finds it
   */
  async begin(of: { keyId: string } | Account): Promise<{ token: string; session: Session }> {
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const [keyId, issuer, subject, name, roles] =
      'keyId' in of ? [of.keyId] : [null, of.issuer, of.subject, of.name, of.roles];
    const { rows } = await this.pool.query<SessionRow>(
      `with ended as (
         delete from claimline.sessions where id in (
           select id from claimline.sessions where key_id = $3 or (issuer = $4 and subject = $5)
           order by created_at desc offset $8 for update skip locked
         ) or id in (select id from claimline.sessions where expires_at <= now() for update skip locked)
       )
       insert into claimline.sessions (id, token_digest, key_id, issuer, subject, name, roles, created_at, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7, date_trunc('milliseconds', now()), now() + make_interval(secs => $9)) returning ${COLUMNS}`,
      [
        randomUUID(),
        digestOf(token),
        keyId,
        issuer ?? null,
        subject ?? null,
        name ?? null,
        roles ?? null,
        MAX_SESSIONS - 1,
        SESSION_SECONDS,
      ],
    );
    return { token, session: sessionOf(rows[0]!) };
  }

  /** The session of a token, where it has not ended: at once, or a promise where the database has to be asked. */
  find(token: string): Found | Promise<Found> {
    if (!TOKEN.test(token)) return undefined;
    const before = this.remembered.get(token);
    return before && performance.now() - before.since < FRESH_MS ? before.found : this.ask(token);
  }

  /** Whom a session stands for, by what is known of keys now; undefined where its key is not valid any more. */
  callerOf({ of }: Session): Caller | undefined {
    if (!('keyId' in of)) return accountCaller(of);
    const holder = this.keys.holder(of.keyId);
    return holder && { ...holder, kind: 'session' };
  }

  /** Ends the session of a token: after this no process takes it for longer than half a second. */
  async end(token: string): Promise<void> {
    if (!TOKEN.test(token)) return;
    await this.pool.query('delete from claimline.sessions where token_digest = $1', [digestOf(token)]);
    this.remembered.delete(token);
  }

  private ask(token: string): Promise<Found> {
    const found = this.read(token);
    const asked: Remembered = { since: performance.now(), found };
    void found.then(
      (session) => (asked.found = session),
      // Who waits for it has the error; the next one asks again.
      () => this.remembered.get(token) === asked && this.remembered.delete(token),
    );
    // At the end, so that the first are those that were asked for longest ago.
    this.remembered.delete(token);
    this.remembered.set(token, asked);
    if (this.remembered.size > MAX_REMEMBERED)
      this.remembered.delete(this.remembered.keys().next().value as string);
    return found;
  }

  private async read(token: string): Promise<Found> {
    const { rows } = await this.pool.query<SessionRow>(
      `select ${COLUMNS} from claimline.sessions where token_digest = $1 and expires_at > now()`,
      [digestOf(token)],
    );
    return rows[0] && sessionOf(rows[0]);
  }
}

const digestOf = (token: string): Buffer => createHash('sha256').update(token).digest();

const sessionOf = ({ id, key_id: keyId, issuer, subject, name, roles, expires }: SessionRow): Session => ({
  id,
  expiresAt: new Date(expires),
  of: keyId === null ? { issuer: issuer!, subject: subject!, name: name!, roles: roles! } : { keyId },
});

/** Its id names the account for good: issuer and subject. */
const accountCaller = ({ issuer, subject, name, roles }: Account): Caller => ({
  kind: 'session',
  id: `${issuer}#${subject}`,
  name,
  roles,
});
