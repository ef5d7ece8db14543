import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from '@jest/globals';

interface Setup {
  checkNode: (version?: string) => void;
  setup: (options: { root: string; say: (line: string) => void }) => Promise<void>;
}

const { checkNode, setup } = (await import(pathToFileURL(resolve('bin/setup.mjs')).href)) as Setup;

// A checkout whose compiler is a script of two lines, installed by npm from a folder, without any registry.
const COMPILER = `const fs = require('fs');
if (fs.readFileSync('libs/a.ts', 'utf8').includes('wrong')) { console.log('a.ts(1,1): error'); process.exit(2); }
fs.appendFileSync('dist/builds', 'x');`;

let root: string;
let said: string[];
const run = () => setup({ root, say: (line) => void said.push(line) });
const builds = () => readFileSync(join(root, 'dist', 'builds'), 'utf8').length;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'claimline-setup-'));
  said = [];
  write(
    'package.json',
    JSON.stringify({ name: 'checkout', version: '1.0.0', dependencies: { typescript7: 'file:compiler' } }),
  );
  write('compiler/package.json', JSON.stringify({ name: 'typescript7', version: '1.0.0' }));
  write('compiler/bin/tsc', COMPILER);
  write('libs/a.ts', '1');
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

test('installs and builds once, then says nothing; builds again when a source changes, appears or goes', async () => {
  await run();
  expect(said).toEqual([expect.stringMatching(/^Installing packages \(npm install\)/), 'Building ...']);
  await run();
  expect(said).toHaveLength(2);
  write('libs/a.ts', '22');
  await run();
  write('libs/b.ts', '1');
  await run();
  rmSync(join(root, 'libs/b.ts'));
  await run();
  await run();
  expect(said.slice(2)).toEqual(['Building ...', 'Building ...', 'Building ...']);
  expect(builds()).toBe(4);
});

test('a failed build is an error with its output, and is tried again', async () => {
  write('libs/a.ts', 'wrong');
  await expect(run()).rejects.toThrow('The build failed:\na.ts(1,1): error');
  await expect(run()).rejects.toThrow('The build failed');
  write('libs/a.ts', 'right');
  await run();
  expect(builds()).toBe(1);
});

test('packages installed from another lock file are installed again, those of npm itself are taken', async () => {
  await run();
  rmSync(join(root, 'node_modules', '.claimline-installed'));
  await run();
  expect(said).toHaveLength(2);
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, object>;
  };
  lock.packages['node_modules/missing'] = { version: '1.0.0', integrity: 'sha512-x' };
  write('package-lock.json', JSON.stringify(lock));
  await run();
  await run();
  expect(said.slice(2)).toEqual([expect.stringMatching(/^Installing packages \(npm ci\)/)]);
  lock.packages['node_modules/missing'] = { version: '2.0.0', integrity: 'sha512-x' };
  write('package-lock.json', JSON.stringify(lock));
  write(
    'package.json',
    JSON.stringify({ name: 'checkout', version: '1.0.0', dependencies: { missing: 'file:nowhere' } }),
  );
  await expect(run()).rejects.toThrow(/^npm ci failed:\n.*missing/s);
});

test('of two at once one works and the other waits for it', async () => {
  await Promise.all([run(), run()]);
  expect(said.filter((line) => line === 'Building ...')).toHaveLength(1);
  expect(said.filter((line) => line.startsWith('Waiting'))).toHaveLength(1);
  expect(builds()).toBe(1);
});

test('an old Node is refused by name', () => {
  expect(() => checkNode('18.20.0')).toThrow('Claimline needs Node.js 20.19 or newer; this is 18.20.0');
  for (const version of ['20.19.0', '22.0.0', '26.1.0']) checkNode(version);
});
