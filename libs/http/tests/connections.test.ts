import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { maxOpenFiles, mostConnections } from '../src/edge/connections.js';

it('how many files may be open is read from the system; where it does not say there is no bound', () => {
  const folder = mkdtempSync(join(tmpdir(), 'claimline-limits-'));
  const file = join(folder, 'limits');
  const of = (text: string) => {
    writeFileSync(file, text);
    return maxOpenFiles(file);
  };
  const HEAD = 'Limit                     Soft Limit           Hard Limit           Units     \n';
  expect(of(`${HEAD}Max open files            1024                 524288               files     \n`)).toBe(
    1024,
  );
  expect(
    of(`${HEAD}Max open files            unlimited            unlimited            files     \n`),
  ).toBeUndefined();
  expect(of(HEAD)).toBeUndefined();
  rmSync(folder, { recursive: true });
  expect(maxOpenFiles(file)).toBeUndefined();
});

it('connections leave a reserve for database, broker and files', () => {
  expect(mostConnections(1024)).toBe(864);
  expect(mostConnections(256)).toBe(96);
  expect(mostConnections(64)).toBe(16);
});
