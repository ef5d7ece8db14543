import { Problem } from '#libs/platform';
import type { Caller, Role } from './caller.js';
import type { KeyFault, KeyRing } from './key-ring.js';

// The challenges are those of RFC 6750.
const challenge = (parameters: string) => ({ 'www-authenticate': `Bearer realm="claimline"${parameters}` });

export const keyMissing = (role: Role): Problem =>
  new Problem(
    401,
    'key-missing',
    `this needs a key with the role ${role}, in the header Authorization: Bearer <key>`,
    undefined,
    { headers: challenge('') },
  );

const FAULTS: Record<KeyFault, string> = {
  unknown: 'no such key is known here',
  expired: 'this key has expired',
  revoked: 'this key is revoked',
};

const keyUnknown = (fault: KeyFault): Problem =>
  new Problem(401, 'key-unknown', FAULTS[fault], undefined, {
    headers: challenge(`, error="invalid_token", error_description="${FAULTS[fault]}"`),
  });

export const roleMissing = (role: Role, { kind, name, id, roles }: Caller): Problem =>
  new Problem(
    403,
    'role-missing',
    `this needs the role ${role}; ${kind === 'key' ? 'the key' : 'the account of'} ${name} (${id}) has ${roles.join(', ') || 'none'}`,
    undefined,
    { headers: challenge(`, error="insufficient_scope", scope="${role}"`) },
  );

const BEARER = /^bearer +(.*)$/i;

/**
 * The holder of the key in the header Authorization. A header of another scheme, such as Basic for a proxy, is none.
 * @returns a Problem 401 `key-unknown` where the key does not work
 */
export function callerOfBearer(
  ring: KeyRing,
  authorization: string | undefined,
): Caller | Problem | undefined {
  const key = authorization === undefined ? undefined : BEARER.exec(authorization)?.[1]?.trim();
  if (!key) return undefined;
  const found = ring.find(key);
  return typeof found === 'string' ? keyUnknown(found) : found;
}
