import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from '@jest/globals';

/** Where a program is; undefined where it is not. Debian has servers in folders that not everybody's PATH has. */
export const pathOfProgram = (program: string): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/sbin']
    .map((folder) => join(folder, program))
    .find(isExecutable);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * For tests that need programs of the system: skipped where one is missing, with a line that names it and its package of
 * Debian. CLAIMLINE_REQUIRE_PROGRAMS=1 forbids to skip any.
 * @param needed packages by program
 */
export function describeWith(needed: Record<string, string>): typeof describe | typeof describe.skip {
  const missing = Object.entries(needed).filter(([program]) => pathOfProgram(program) === undefined);
  if (missing.length === 0 || process.env.CLAIMLINE_REQUIRE_PROGRAMS === '1') return describe;
  for (const [program, debian] of missing)
    process.stderr.write(`Skipped: there is no ${program} (Debian and Ubuntu: apt-get install ${debian}).\n`);
  return describe.skip;
}
