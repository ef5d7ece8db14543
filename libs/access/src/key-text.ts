import { createHash, randomBytes } from 'node:crypto';

const KEY = /^cl_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

/** The id of a key, as it is in the key itself, in lists and in `by` of events. */
export const KEY_ID = /^[0-9a-f]{12}$/;

/** A key as its holder has it, and what is kept of it. */
export interface Secret {
  id: string;
  /** `cl_<id>_<256 random bits in base64url>` */
  key: string;
  hash: Buffer;
}

/** A new key. @param id of the key that gets another secret (default: a new one) */
export function generateSecret(id: string = randomBytes(6).toString('hex')): Secret {
  const key = `cl_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, key, hash: hashOf(key) };
}

/** The id that a text names, and its hash; undefined where it does not have the form of a key. */
export function parseKey(text: string): Omit<Secret, 'key'> | undefined {
  const id = KEY.exec(text)?.[1];
  return id === undefined ? undefined : { id, hash: hashOf(text) };
}

// The secret is random, so a slow hash would protect nothing.
const hashOf = (key: string): Buffer => createHash('sha256').update(key).digest();
