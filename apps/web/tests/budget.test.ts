import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from '@jest/globals';

const assets = resolve('dist/web/assets');
const named = (name: RegExp) => readdirSync(assets).filter((file) => name.test(file));
const packed = (files: Iterable<string>) =>
  [...files].reduce((sum, file) => sum + statSync(join(assets, `${file}.gz`)).size, 0);

/** A script and all that it imports at once. */
function withImports(entries: readonly string[]): Set<string> {
  const all = new Set<string>();
  const visit = (file: string) => {
    if (all.has(file)) return;
    all.add(file);
    const text = readFileSync(join(assets, file), 'utf8');
    for (const [, imported] of text.matchAll(/(?:\bfrom|\bimport)\s*["']\.\/([\w-]+\.js)["']/g))
      visit(imported!);
  };
  entries.forEach(visit);
  return all;
}

const [, entry] = /src="\.\/assets\/([\w-]+\.js)"/.exec(readFileSync('dist/web/index.html', 'utf8'))!;
const shell = withImports([entry!]);
// What the first view loads beside it.
const first = withImports([entry!, ...named(/^(?:map|clock|take)-[\w-]+\.js$/)]);

it('the shell is no more than 25 kB of script', () => {
  expect(packed(shell)).toBeGreaterThan(10_000);
  expect(packed(shell)).toBeLessThanOrEqual(25_000);
});

it('the first view is no more than 125 kB of script', () => {
  expect(first.size).toBeGreaterThan(shell.size);
  expect(packed(first)).toBeLessThanOrEqual(125_000);
});

it('the map is no more than 100 kB of script and style', () => {
  expect(packed(named(/^map-[\w-]+\.(?:js|css)$/))).toBeLessThanOrEqual(100_000);
});

it.each(['ukraine', 'world'])('the base map %s is no more than 65 kB', (name) => {
  expect(statSync(`dist/web/basemap/${name}.json.br`).size).toBeLessThanOrEqual(65_000);
});
