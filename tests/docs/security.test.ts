import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const page = readFileSync('SECURITY.md', 'utf8');

describe('the threat model of SECURITY.md', () => {
  const rows = page.split('\n').filter((line) => /^\| .* \| .*\.test\.ts/.test(line));

  it('names a test for each threat, and each is there', () => {
    expect(rows.length).toBeGreaterThan(20);
    const named = [...page.matchAll(/`([\w./-]+\.test\.ts)`/g)].map(([, path]) => path!);
    expect(named.filter((path) => !existsSync(path))).toEqual([]);
  });
});
