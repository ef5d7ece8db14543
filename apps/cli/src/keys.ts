import { InvalidArgumentError } from 'commander';
import {
  type IssuedKey,
  type Key,
  type KeyRefusalCode,
  keyRequestSchema,
  Keys,
  OperatedKeys,
  type Role,
  rotationSchema,
} from '#libs/access';
import { parseBody, type Result } from '#libs/domain';
import { openOrAttach, type Settings } from '#libs/platform';
import { commandLineUser } from './os-user.js';
import { withLog, type WithLogOptions } from './with-log.js';

/** In one reading: more than may work at once, and those that ended lately. */
const MAX_LISTED = 10_000;

/** `claimline keys create`. `expires`: seconds from now. */
export async function createKey(
  { name, role, expires, json }: { name: string; role: Role[]; expires?: number; json?: boolean },
  settings: Settings,
): Promise<boolean> {
  const request = checked(
    parseBody(keyRequestSchema, { name, roles: role, ...fromNow(expires) }, 'key-invalid'),
  );
  // It is the first thing that is done on a server: there may be no store yet.
  const made = await withKeys(settings, (_keys, operated) => operated.create(request, commandLineUser()), {
    opening: 'make',
    database: openOrAttach,
  });
  return issued(made, json);
}

/** `claimline keys list`. */
export function listKeys(
  { all = false, json = false }: { all?: boolean; json?: boolean },
  settings: Settings,
): Promise<void> {
  return withKeys(settings, async (keys) => {
    const found = await keys.list(MAX_LISTED, { all });
    for (const key of found) process.stdout.write(`${json ? JSON.stringify(key) : lineOf(key)}\n`);
    if (found.length === 0 && !json) process.stdout.write(all ? 'no keys\n' : 'no keys that work\n');
  });
}

/** `claimline keys revoke`. @returns whether the key exists */
export async function revokeKey(
  id: string,
  { json }: { json?: boolean },
  settings: Settings,
): Promise<boolean> {
  const revoked = await withKeys(settings, (_keys, operated) => operated.revoke(id, commandLineUser()));
  if (!revoked.ok) return refused(revoked);
  const { key, changed } = revoked.value;
  const shown = changed
    ? `revoked: ${titleOf(key)}, within a second`
    : `${titleOf(key)} was revoked already, at ${key.revokedAt}`;
  process.stdout.write(`${json ? JSON.stringify(key) : shown}\n`);
  return true;
}

/** `claimline keys rotate`. `grace` and `expires`: seconds from now. */
export async function rotateKey(
  id: string,
  { grace, expires, json }: { grace?: number; expires?: number; json?: boolean },
  settings: Settings,
): Promise<boolean> {
  const asked = { ...(grace !== undefined && { graceSeconds: grace }), ...fromNow(expires) };
  const rotation = checked(parseBody(rotationSchema, asked, 'key-invalid'));
  const rotated = await withKeys(settings, (_keys, operated) =>
    operated.rotate(id, rotation, commandLineUser()),
  );
  return issued(rotated, json);
}

const withKeys = <T>(
  settings: Settings,
  use: (keys: Keys, operated: OperatedKeys) => Promise<T>,
  options: WithLogOptions = {},
): Promise<T> =>
  withLog(settings, options, ({ store }) => use(new Keys(store.pool), new OperatedKeys(store)));

/** The key alone on standard output, so that it can be piped into a file. */
function issued(made: Result<IssuedKey, KeyRefusalCode>, json = false): boolean {
  if (!made.ok) return refused(made);
  const { key, ...shown } = made.value;
  process.stdout.write(json ? `${JSON.stringify(made.value)}\n` : `${key}\n`);
  if (!json)
    process.stderr.write(`${titleOf(shown)}, ${until(shown)}. The key is shown this once: keep it now.\n`);
  return true;
}

/** @throws InvalidArgumentError where options cannot be used */
function checked<T>(parsed: Result<T, KeyRefusalCode>): T {
  if (!parsed.ok) throw new InvalidArgumentError(parsed.refusal.detail);
  return parsed.value;
}

function refused({ refusal }: { refusal: { detail: string } }): false {
  process.stderr.write(`${refusal.detail}\n`);
  return false;
}

const fromNow = (seconds: number | undefined) =>
  seconds === undefined ? {} : { expiresAt: new Date(Date.now() + seconds * 1000).toISOString() };

const titleOf = ({ id, name, roles }: Key): string => `${id} "${name}" (${roles.join(', ')})`;

const until = ({ expiresAt }: Key): string =>
  expiresAt === null ? 'without an expiry' : `until ${expiresAt}`;

const lineOf = (key: Key): string =>
  [
    key.id,
    key.state.padEnd(7),
    key.roles.join(',').padEnd(20),
    until(key).padEnd(30),
    `last used ${key.lastUsedAt ?? 'never'}`.padEnd(34),
    key.name,
  ].join('  ');
