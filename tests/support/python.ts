import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve('.cache/python');

/** Why no virtual environment can be made here; undefined where one can. */
export function whyNoPython(): string | undefined {
  const { status, error } = spawnSync('python3', ['-c', 'import ensurepip, venv'], { stdio: 'ignore' });
  if (error) return 'there is no python3 on the PATH';
  return status === 0 ? undefined : 'python3 lacks its module venv (Debian: python3-venv)';
}

/**
 * The interpreter of a virtual environment with these packages, pinned as "name==1.2.3"; made at the first time.
 * @throws Error with pip's words where they cannot be installed
 */
export function pythonWith(packages: readonly string[]): string {
  const version = run('python3', ['-c', 'import platform; print(platform.python_version())']).trim();
  const folder = join(
    CACHE,
    `${version}-${createHash('sha256').update(packages.join(' ')).digest('hex').slice(0, 12)}`,
  );
  const interpreter = join(folder, 'bin', 'python');
  if (existsSync(interpreter)) return interpreter;
  mkdirSync(CACHE, { recursive: true });
  // Made beside it and renamed when it is whole, for processes that make it at once.
  const draft = mkdtempSync(join(CACHE, 'making-'));
  try {
    run('python3', ['-m', 'venv', draft]);
    run(join(draft, 'bin', 'python'), [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '--only-binary=:all:',
      ...packages,
    ]);
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(interpreter)) throw error;
  }
  return interpreter;
}

function run(program: string, args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0)
    throw new Error(
      `${program} ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`.trim().slice(-3000)}`,
    );
  return stdout;
}
