import { accept, refuse, type Instant, type Operation, type Result } from '#libs/domain';
import { type EventStore, performOperation } from '#libs/log';
import type { Db } from '#libs/platform';
import type { Role } from './caller.js';
import { KEY_ID } from './key-text.js';

export type SessionRefusalCode = 'session-not-found';

/** A session as it is listed: never its token. */
export interface SignedIn {
  id: string;
  /** Whom it stands for: the id of a key, or issuer and subject of an account, joined by `#`. */
  of: string;
  name: string;
  roles: Role[];
  createdAt: Instant;
  expiresAt: Instant;
}

/** Of the key, or of the account, that sessions stand for: an issuer has no fragment, so the first `#` ends it. */
const ACCOUNT = /^(https?:[^#\p{Cc}]+)#(\P{Cc}+)$/u;
const MAX_HOLDER = 2500;

/** Whether a text can be the id of a key or an account. */
export const isHolder = (of: string): boolean =>
  of.length <= MAX_HOLDER && (KEY_ID.test(of) || ACCOUNT.test(of));

type Row = Omit<SignedIn, 'createdAt' | 'expiresAt'> & { createdAt: Date; expiresAt: Date };

const signedIn = ({ createdAt, expiresAt, ...row }: Row): SignedIn => ({
  ...row,
  createdAt: createdAt.toISOString(),
  expiresAt: expiresAt.toISOString(),
});

const COLUMNS = `s.id, coalesce(s.key_id, s.issuer || '#' || s.subject) as of, coalesce(k.name, s.name) as name,
  coalesce(k.roles, s.roles) as roles, s.created_at as "createdAt", s.expires_at as "expiresAt"`;
// A session that has expired, or whose key has ended, counts no longer; its row goes with a later sign-in.
const COUNTS = `s.expires_at > now() and (s.key_id is null
  or (k.id is not null and k.revoked_at is null and coalesce(k.expires_at > now(), true)))`;

/** Who is signed in, for an admin. A session that ends here ends in every process within a second. */
export class SignedInSessions {
  constructor(private readonly store: EventStore) {}

  /** Newest first. @param of only sessions of this key or account @param before the session after which the list goes on */
  async list(
    limit: number,
    {
      of,
      before,
    }: { of?: string | undefined; before?: readonly [createdAt: string, id: string] | undefined },
  ): Promise<SignedIn[]> {
    const { condition, values } = ofHolder(of, 4);
    const { rows } = await this.store.pool.query<Row>(
      `select ${COLUMNS} from claimline.sessions s left join claimline.keys k on k.id = s.key_id
       where ${COUNTS} and ($2::timestamptz is null or (s.created_at, s.id) < ($2::timestamptz, $3::uuid)) and ${condition}
       order by s.created_at desc, s.id desc limit $1`,
      [limit, before?.[0] ?? null, before?.[1] ?? null, ...values],
    );
    return rows.map(signedIn);
  }

  /** Ends one session. @param signature of who does it @returns the session that has ended */
  async end(id: string, signature: string | undefined): Promise<Result<SignedIn, SessionRefusalCode>> {
    const [ended] = await this.remove('session.ended', id, signature, 's.id = $1', [id]);
    return ended
      ? accept(ended)
      : refuse('session-not-found', 'no session has this id, or it has ended already');
  }

  /** Ends all sessions of a key or an account. @returns those that have ended */
  endAllOf(of: string, signature: string | undefined): Promise<SignedIn[]> {
    const { condition, values } = ofHolder(of, 1);
    return this.remove('sessions.ended', of, signature, condition, values);
  }

  private remove(
    operation: Operation,
    subject: string,
    signature: string | undefined,
    condition: string,
    values: readonly string[],
  ): Promise<SignedIn[]> {
    return performOperation(
      this.store,
      { operation, subject, signature },
      async (db: Db) => {
        const { rows } = await db.query<Row & { counts: boolean }>(
          `with s as (delete from claimline.sessions s where ${condition} returning s.*)
           select ${COLUMNS}, ${COUNTS} as counts from s left join claimline.keys k on k.id = s.key_id
           order by s.created_at desc, s.id desc`,
          [...values],
        );
        return rows.filter(({ counts }) => counts).map(({ counts: _counts, ...row }) => signedIn(row));
      },
      (ended) => ended.length > 0,
    );
  }
}

/** @param first the number of the first parameter */
function ofHolder(of: string | undefined, first: number): { condition: string; values: string[] } {
  if (of === undefined) return { condition: 'true', values: [] };
  const [, issuer, subject] = ACCOUNT.exec(of) ?? [];
  return issuer === undefined
    ? { condition: `s.key_id = $${first}`, values: [of] }
    : { condition: `s.issuer = $${first} and s.subject = $${first + 1}`, values: [issuer, subject!] };
}
