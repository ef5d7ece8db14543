import { describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';

const page = readFileSync('docs/architecture.md', 'utf8');

/** The rows of tables that name a function and the line on which it begins. */
const FRAMES = [...page.matchAll(/\| `(?:\w+\.)?(\w+)`[^|]*\| `([\w./-]+):(\d+)`/g)].map(
  ([, name, file, line]) => [name!, file!, Number(line)] as const,
);

describe('docs/architecture.md', () => {
  it('has the frames of a statement, an event and a list', () => {
    expect(FRAMES.length).toBeGreaterThanOrEqual(18);
  });

  it.each(FRAMES)('finds %s in %s on line %i', (name, file, line) => {
    expect(readFileSync(file, 'utf8').split('\n')[line - 1]).toMatch(new RegExp(`\\b${name}\\b`));
  });

  it('names no file that is not there', () => {
    const named = [...page.matchAll(/`((?:libs|apps)\/[\w./-]+\.(?:ts|md))`/g)].map(([, path]) => path!);
    expect(named.filter((path) => !exists(path))).toEqual([]);
  });
});

function exists(path: string): boolean {
  try {
    return readFileSync(path).length > 0;
  } catch {
    return false;
  }
}
