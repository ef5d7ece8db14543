import { describe } from '@jest/globals';
import { pathOfProgram } from './program-path.js';

export { pathOfProgram };

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
