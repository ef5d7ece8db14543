import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runProgram } from './program.js';

const CACHE = resolve('.cache/npm');

/**
 * The folder with what a package.json and its package-lock.json name, which are not the project's own: tools whose trees
 * are large. Installed at the first time.
 * @throws Error with npm's words where they cannot be installed
 */
export async function npmTree(folder: string): Promise<string> {
  const lock = readFileSync(join(folder, 'package-lock.json'));
  const tree = join(CACHE, createHash('sha256').update(lock).digest('hex').slice(0, 12));
  if (existsSync(tree)) return tree;
  mkdirSync(CACHE, { recursive: true });
  // Made beside it and renamed when it is whole, for processes that make it at once.
  const draft = mkdtempSync(join(CACHE, 'making-'));
  try {
    for (const file of ['package.json', 'package-lock.json'])
      copyFileSync(join(folder, file), join(draft, file));
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
    await runProgram(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: draft,
    });
    renameSync(draft, tree);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(tree)) throw error;
  }
  return tree;
}
