import { lstatSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { findBinaries, restoreLinks } from '../src/postgres/postgres-binaries.js';

test('links that npm has not made are made, relative, and those there are left alone', () => {
  const folder = mkdtempSync(join(tmpdir(), 'claimline-links-'));
  try {
    mkdirSync(join(folder, 'native', 'lib'), { recursive: true });
    writeFileSync(join(folder, 'native', 'lib', 'libpq.so.5.18'), '');
    const links = ['libpq.so', 'libpq.so.5'].map((name) => ({
      source: 'native/lib/libpq.so.5.18',
      target: `native/lib/${name}`,
    }));
    writeFileSync(join(folder, 'native', 'pg-symlinks.json'), JSON.stringify(links));
    symlinkSync('libpq.so.5.18', join(folder, 'native', 'lib', 'libpq.so'));
    const before = lstatSync(join(folder, 'native', 'lib', 'libpq.so')).ino;
    restoreLinks(folder);
    restoreLinks(folder);
    expect(readlinkSync(join(folder, 'native', 'lib', 'libpq.so.5'))).toBe('libpq.so.5.18');
    expect(lstatSync(join(folder, 'native', 'lib', 'libpq.so')).ino).toBe(before);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('the installed server runs', () => {
  expect(findBinaries().version).toMatch(/^18\./);
});
