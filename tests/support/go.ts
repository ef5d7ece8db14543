import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve('.cache/go');

/** Why a Go program cannot be built here; undefined where it can. @param folder with its go.mod, which names the oldest Go that it takes */
export function whyNoGo(folder: string): string | undefined {
  const { stdout, error } = spawnSync('go', ['env', 'GOVERSION'], { encoding: 'utf8' });
  if (error) return 'there is no go on the PATH';
  const [, wanted] = /^go (\S+)$/m.exec(readFileSync(join(folder, 'go.mod'), 'utf8'))!;
  const found = stdout.trim().replace('go', '');
  return found.localeCompare(wanted!, 'en', { numeric: true }) < 0
    ? `go on the PATH is ${found}; ${wanted} or newer is needed`
    : undefined;
}

/**
 * Builds a Go program; what it needs comes from the module proxy, as its go.sum says.
 * @returns its path
 * @throws Error with Go's words
 */
export function goProgram(folder: string, name: string): string {
  mkdirSync(CACHE, { recursive: true });
  const program = join(CACHE, name);
  const { status, stdout, stderr, error } = spawnSync('go', ['build', '-mod=readonly', '-o', program, '.'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (status !== 0)
    throw new Error(`go build: ${error?.message ?? `${stdout}${stderr}`.trim().slice(-3000)}`);
  return program;
}
