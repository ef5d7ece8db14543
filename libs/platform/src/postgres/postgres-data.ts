import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '../logs.js';
import { hideSecret } from '../secrets.js';
import { type Account, canEnter, isRoot, SYSTEM_FOLDER, unprivilegedAccount } from './postgres-account.js';
import { type Binaries, findBinaries } from './postgres-binaries.js';

export const SUPERUSER = 'claimline';

/** A PostgreSQL data folder that a server can be started on. */
export interface DataFolder {
  /** Its real path, as PostgreSQL sees it. */
  path: string;
  /** The user that the server must run as; undefined: the user of this process. */
  account: Account | undefined;
  binaries: Binaries;
  password: string;
}

/**
 * The PostgreSQL data under `dataDir`/postgres, made by initdb if there is none. The caller holds the folder's lock.
 * Both it and the password (`dataDir`/postgres-password, mode 0600) are kept for the next time.
 */
export async function prepareDataFolder(dataDir: string, log?: Logger): Promise<DataFolder> {
  const link = join(dataDir, 'postgres');
  const draft = join(dataDir, 'postgres.new');
  removeDraft(draft);
  if (existsSync(link)) {
    const account = accountOfData(link);
    return {
      path: realpathSync(link),
      account,
      binaries: findBinaries(account),
      password: readPassword(dataDir),
    };
  }
  if (lstatSync(link, { throwIfNoEntry: false }) !== undefined) {
    throw new Error(
      `${link} points to a folder that is gone; bring it back, or remove the link to start with an empty database`,
    );
  }
  const account = isRoot() ? unprivilegedAccount() : undefined;
  const binaries = findBinaries(account);
  const password = randomBytes(24).toString('base64url');
  hideSecret(password);
  writeFileSync(join(dataDir, 'postgres-password'), `${password}\n`, { mode: 0o600 });
  makeDraft(dataDir, draft, account, log);
  await initialise(binaries, realpathSync(draft), password, account);
  // Only a complete data folder gets the name, so a crash in between leaves nothing that looks like one.
  renameSync(draft, link);
  return { path: realpathSync(link), account, binaries, password };
}

/** The password made at the first start; only the user who started it can read it. */
export function readPassword(dataDir: string): string {
  const file = join(dataDir, 'postgres-password');
  try {
    const password = readFileSync(file, 'utf8').trim();
    hideSecret(password);
    return password;
  } catch (error) {
    throw new Error(`the password of the database in ${dataDir} cannot be read: ${(error as Error).message}`);
  }
}

/** PostgreSQL must run as the owner of its data, whoever that was at the first start. */
function accountOfData(link: string): Account | undefined {
  const path = realpathSync(link);
  const { uid, gid } = statSync(path);
  if (!isRoot()) {
    if (process.getuid === undefined || uid === process.getuid()) return undefined;
    throw new Error(
      `${path} belongs to user ${uid}: start Claimline as that user or as root, or set DATA_DIR to another folder`,
    );
  }
  let account: Account = { name: String(uid), uid, gid };
  if (uid === 0) {
    // Restored or copied by root.
    account = unprivilegedAccount();
    chownTree(path, account);
  }
  if (!canEnter(dirname(path), account)) {
    throw new Error(
      `PostgreSQL runs as user ${account.name}, who cannot enter ${dirname(path)}: ` +
        'open that folder to it (chmod a+x), or set DATA_DIR to another folder',
    );
  }
  return account;
}

function chownTree(path: string, account: Account): void {
  if (lstatSync(path).isSymbolicLink()) return;
  chownSync(path, account.uid, account.gid);
  if (lstatSync(path).isDirectory())
    for (const name of readdirSync(path)) chownTree(join(path, name), account);
}

/** Makes an empty folder for initdb; elsewhere, with a link to it, when the account cannot enter `dataDir`. */
function makeDraft(
  dataDir: string,
  draft: string,
  account: Account | undefined,
  log: Logger | undefined,
): void {
  if (account === undefined) return mkdirSync(draft, { mode: 0o700 });
  if (canEnter(dataDir, account)) {
    mkdirSync(draft, { mode: 0o700 });
    return chownSync(draft, account.uid, account.gid);
  }
  mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
  const elsewhere = mkdtempSync(join(SYSTEM_FOLDER, 'data-'));
  chmodSync(elsewhere, 0o700);
  chownSync(elsewhere, account.uid, account.gid);
  symlinkSync(elsewhere, draft);
  log?.warn(
    { folder: elsewhere },
    `PostgreSQL runs as user ${account.name}, who cannot enter ${dataDir}: ` +
      `its data is in ${elsewhere}, and ${dataDir}/postgres is a link to it`,
  );
}

function removeDraft(draft: string): void {
  if (existsSync(draft)) rmSync(realpathSync(draft), { recursive: true, force: true });
  rmSync(draft, { force: true });
}

async function initialise(
  binaries: Binaries,
  path: string,
  password: string,
  account: Account | undefined,
): Promise<void> {
  // Beside the data, because the account can read there; only the account can read it, and it goes at once.
  const passwordFile = `${path}.password`;
  rmSync(passwordFile, { force: true });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
  if (account !== undefined) chownSync(passwordFile, account.uid, account.gid);
  const options = [
    `--pgdata=${path}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    // Builtin C.UTF-8: the same order and the same case mapping on every machine, Cyrillic included.
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
  ];
  const run = (ctype: string) =>
    promisify(execFile)(binaries.initdb, [...options, `--lc-ctype=${ctype}`], {
      cwd: dirname(path),
      env: serverEnvironment(),
      ...(account && { uid: account.uid, gid: account.gid }),
    });
  try {
    await firstThatExists(CTYPES, run);
  } catch (error) {
    const { stderr, message } = error as { stderr?: string; message: string };
    throw new Error(`initdb failed: ${stderr?.trim() || message}`);
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

// pg_trgm asks the system's locale what a letter is, even beside a builtin one; systems name theirs differently.
const CTYPES = ['C.UTF-8', 'en_US.UTF-8', 'UTF-8', 'en-US'];

async function firstThatExists<T>(locales: string[], run: (locale: string) => Promise<T>): Promise<T> {
  for (const locale of locales.slice(0, -1)) {
    try {
      return await run(locale);
    } catch (error) {
      if (!/invalid locale name/.test((error as { stderr?: string }).stderr ?? '')) throw error;
    }
  }
  return run(locales.at(-1)!);
}

/** The environment of the server's programs: without a locale, settings of libpq, or secrets. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  const { PATH, TMPDIR, SystemRoot } = process.env;
  return { PATH, TMPDIR, SystemRoot, LC_ALL: 'C', TZ: 'UTC' };
}
