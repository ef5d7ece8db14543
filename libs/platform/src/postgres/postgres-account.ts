import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** A user of the operating system that PostgreSQL runs as. */
export interface Account {
  name: string;
  uid: number;
  gid: number;
}

/** The place for files that another user must reach, when it cannot enter the checkout or DATA_DIR. */
export const SYSTEM_FOLDER = '/var/lib/claimline';

/** Whether this process is root. PostgreSQL refuses to run as root, so it must run as somebody else. */
export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** The user that root runs PostgreSQL as: `postgres` where there is one, else `nobody`. */
export function unprivilegedAccount(): Account {
  const lines = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', '_postgres', 'nobody']) {
    const line = lines.find(([name]) => name === wanted);
    // macOS writes the ids of nobody as -2; >>> 0 makes them what the system calls take.
    if (line !== undefined) return { name: wanted, uid: Number(line[2]) >>> 0, gid: Number(line[3]) >>> 0 };
  }
  return { name: 'nobody', uid: 65_534, gid: 65_534 };
}

/** Whether the account may pass through an existing folder and everything above it, judged by the permission bits. */
export function canEnter(folder: string, account: Account): boolean {
  for (let path = realpathSync(folder); ; path = dirname(path)) {
    const { uid, gid, mode } = statSync(path);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (path === dirname(path)) return true;
  }
}
