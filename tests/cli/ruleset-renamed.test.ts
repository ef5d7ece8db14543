import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { RulesetFile } from '#libs/domain';
import { openLog, readRuleset, RulesetStore } from '#libs/log';
import { createLogger, Pools, readSettings } from '#libs/platform';
import { openGeneration } from '#libs/projection';
import { freshDatabase, type TestDatabase } from '../support/database.js';

let database: TestDatabase;
let shipped: RulesetFile;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'renamed-'));
  database = await freshDatabase();
  shipped = (await readRuleset()).file;
});
afterAll(() => database?.drop());

/** Starts with a ruleset file, or with that which ships. @returns the version in force, and what was said about the file */
async function started(file?: object): Promise<{ inForce: string; said: { level: number; msg: string }[] }> {
  const path = join(folder, 'ruleset.json');
  if (file) writeFileSync(path, JSON.stringify(file));
  const said: { level: number; msg: string }[] = [];
  const log = createLogger('info', {
    write: (line) => void said.push(JSON.parse(line) as (typeof said)[number]),
  });
  const settings = readSettings({ DATABASE_URL: database.url, ...(file && { RULESET_FILE: path }) });
  const pools = new Pools(
    { url: database.url, embedded: false, onLost: () => {}, close: async () => {} },
    log,
  );
  const store = await openLog(pools, settings, log);
  const generation = await openGeneration(store.pool, new RulesetStore(store.pool), settings, log);
  const { version } = generation.ruleset;
  await pools.close();
  return {
    inForce: version,
    said: said.filter(({ msg }) => msg.includes('ruleset')).map(({ level, msg }) => ({ level, msg })),
  };
}

// The version that shipped before was read as a date.
it('a store under the shipped ruleset of an older name starts and asks for nothing; another content asks for a rebuild', async () => {
  expect(await started({ ...shipped, version: '2025-11-1' })).toEqual({ inForce: '2025-11-1', said: [] });
  expect(await started()).toEqual({
    inForce: '2025-11-1',
    said: [{ level: 30, msg: expect.stringContaining('has the same content') }],
  });
  const [one, ...others] = shipped.parties;
  for (const changed of [
    { ...shipped, version: 'a', parties: others },
    { ...shipped, version: 'b', parties: [{ ...one!, names: [] }, ...others] },
    { ...shipped, version: 'c', sides: shipped.sides.toReversed() },
  ])
    expect(await started(changed)).toEqual({
      inForce: '2025-11-1',
      said: [{ level: 40, msg: expect.stringContaining('run `claimline rebuild`') }],
    });
});
