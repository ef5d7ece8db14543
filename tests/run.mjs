// `npm test`: all test files side by side, then those called *.alone.test.ts one by one, because each of them fills a machine.
// With arguments, which go to jest: one run of what they select.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const program = join(import.meta.dirname, '../node_modules/jest/bin/jest.js');
const selection = process.argv.slice(2);

function jest(...options) {
  const node = ['--experimental-vm-modules', '--no-warnings'];
  return spawnSync(process.execPath, [...node, program, ...options], { stdio: 'inherit' }).status === 0;
}

const passed =
  selection.length > 0
    ? [jest(...selection)]
    : [
        jest('--testPathIgnorePatterns=\\.alone\\.test\\.ts$'),
        jest('--testMatch=**/*.alone.test.ts', '--maxWorkers=1'),
      ];
process.exitCode = passed.every(Boolean) ? 0 : 1;
