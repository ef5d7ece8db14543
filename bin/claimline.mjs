#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { checkNode, setup } from './setup.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

async function main() {
  checkNode();
  // An installed package comes built; a checkout is brought up to date first.
  if (existsSync(`${root}tsconfig.json`) && existsSync(`${root}apps`)) await setup();
}

try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import('../dist/apps/cli/src/main.js');
