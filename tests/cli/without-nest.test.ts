import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';

/** Writes the name of each package of Nest that the process loads to standard error. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import { register } from 'node:module';
  register('data:text/javascript,' + encodeURIComponent(\`
    export const resolve = (name, context, next) => {
      if (name.startsWith('@nestjs/')) process._rawDebug(name);
      return next(name, context);
    };\`));
`)}`;

const loadedBy = (...args: string[]) =>
  spawnSync(process.execPath, ['--import', WATCH, resolve('dist/apps/cli/src/main.js'), ...args], {
    encoding: 'utf8',
    cwd: process.env.CLAIMLINE_TEST_TMP!,
    env: { ...process.env, DATA_DIR: join(process.env.CLAIMLINE_TEST_TMP!, 'none') },
  }).stderr;

// Loading Nest takes longer than most verbs do.
it('Nest is loaded by `start`, not by verbs that answer and end', () => {
  expect(loadedBy('start', 'nothing')).toContain('@nestjs/core');
  expect(loadedBy('status')).not.toContain('@nestjs/');
}, 60_000);
