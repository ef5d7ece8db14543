import { type SignedIn, SignedInSessions } from '#libs/access';
import type { Settings } from '#libs/platform';
import { commandLineUser } from './os-user.js';
import { withLog } from './with-log.js';

const PAGE = 500;

/** `claimline sessions list`. `of`: the id of a key or an account. */
export function listSessions(
  { of, json = false }: { of?: string; json?: boolean },
  settings: Settings,
): Promise<void> {
  return withLog(settings, {}, async ({ store }) => {
    const sessions = new SignedInSessions(store);
    let before: [string, string] | undefined;
    do {
      const page = await sessions.list(PAGE, { of, before });
      for (const one of page) process.stdout.write(`${json ? JSON.stringify(one) : lineOf(one)}\n`);
      if (page.length === 0 && before === undefined && !json) process.stdout.write('nobody is signed in\n');
      const last = page.length === PAGE ? page.at(-1) : undefined;
      before = last && [last.createdAt, last.id];
    } while (before);
  });
}

/** `claimline sessions end`: one session, or all of a key or an account. @returns whether any has ended */
export function endSessions(
  { id, of }: { id?: string | undefined; of?: string | undefined },
  settings: Settings,
): Promise<boolean> {
  return withLog(settings, {}, async ({ store }) => {
    const sessions = new SignedInSessions(store);
    const one = id === undefined ? undefined : await sessions.end(id, commandLineUser());
    const ended = one ? (one.ok ? [one.value] : []) : await sessions.endAllOf(of!, commandLineUser());
    for (const session of ended) process.stdout.write(`ended: ${lineOf(session)}\n`);
    if (ended.length === 0) process.stderr.write('no such session, or it has ended already\n');
    return ended.length > 0;
  });
}

const lineOf = ({ id, of, name, roles, createdAt, expiresAt }: SignedIn): string =>
  [id, `since ${createdAt}`, `until ${expiresAt}`, roles.join(',').padEnd(14), `${name} (${of})`].join('  ');
