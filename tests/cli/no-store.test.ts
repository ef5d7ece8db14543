import { existsSync, mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { logMigrations, migrate } from '#libs/log';
import { createPool } from '#libs/platform';
import { createGeneration } from '#libs/projection';
import { ruleset } from '../support/test-log.js';
import { claimline } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

/** Every verb that makes no store, as it is called. */
const VERBS: string[][] = [
  ['verify'],
  ['verify', '--models'],
  ['verify', '--remember', 'verified'],
  ['status'],
  ['status', '--json'],
  ['audit'],
  ['export', 'states', '-o', 'states.ndjson'],
  ['export', 'statements'],
  ['export', 'timeline', '--location', 'gn-1', '-f', 'csv'],
  ['export', 'log', '-o', 'log.ndjson'],
  ['checkpoint', 'export', '--out', 'checkpoint.txt'],
  ['checkpoint', 'export', '--shard', '1'],
  ['checkpoint', 'check', 'kept.txt'],
  ['dead-letters', 'list'],
  ['dead-letters', 'show', '1:0'],
  ['dead-letters', 'retry', '1:0'],
  ['dead-letters', 'discard', '1:0'],
  ['epoch', 'list'],
  ['epoch', 'new', '--reason', 'a restored copy'],
  ['epoch', 'confirm'],
  ['keys', 'list'],
  ['keys', 'revoke', '4f0c2b1e6a51'],
  ['keys', 'rotate', '4f0c2b1e6a51'],
  ['sessions', 'list'],
  ['sessions', 'end', '--of', '4f0c2b1e6a51'],
  ['replay', '--out', 'replayed.ndjson'],
  ['rebuild'],
  ['rebuild', '--compare'],
];
const MAKING = ['start', 'demo', 'migrate', 'import', 'restore', 'keys create'];
const KEPT =
  'claimline/7c9a4a0e-3f7b-4f5e-8a53-0c6a2f4c9e27\n2026-01-01T08:00:00.000Z\n0 0 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n';

let folder: string;
let before: { cwd: string; env: NodeJS.ProcessEnv };
const databases: TestDatabase[] = [];
beforeAll(() => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'no-store-'));
  before = { cwd: process.cwd(), env: { ...process.env } };
  process.chdir(folder);
  writeFileSync('kept.txt', KEPT);
  Object.assign(process.env, { KAFKA_BROKERS: '', LOG_LEVEL: 'silent', DATABASE_URL: '' });
});
afterAll(async () => {
  process.chdir(before.cwd);
  for (const name of ['KAFKA_BROKERS', 'LOG_LEVEL', 'DATABASE_URL', 'DATA_DIR']) {
    if (before.env[name] === undefined) delete process.env[name];
    else process.env[name] = before.env[name];
  }
  await Promise.all(databases.map(({ drop }) => drop()));
});

async function database(prepare: (url: string) => Promise<void>): Promise<string> {
  const made = await freshDatabase();
  databases.push(made);
  await prepare(made.url);
  return made.url;
}

async function asked<T extends object>(url: string, sql: string): Promise<T[]> {
  const pool = createPool(url);
  try {
    return (await pool.query<T>(sql)).rows;
  } finally {
    await pool.end();
  }
}

/** All that a database holds, by name. */
const contentsOf = (url: string) =>
  asked<{ what: string }>(
    url,
    `select 'schema ' || nspname as what from pg_namespace where nspname !~ '^pg_|information_schema'
     union all select 'extension ' || extname from pg_extension
     union all select relname || ' ' || relkind::text from pg_class c join pg_namespace n on n.oid = relnamespace
     where nspname !~ '^pg_|information_schema' order by 1`,
  );

/** Runs each verb, one after the other. */
async function eachOf(
  verbs: readonly string[][],
): Promise<{ verb: string; code: number; out: string; err: string }[]> {
  const ended = [];
  for (const verb of verbs) {
    ended.push({ verb: verb.join(' '), ...(await claimline(...verb)) });
  }
  return ended;
}

const refused = (said: string) =>
  VERBS.map((verb) => ({ verb: verb.join(' '), code: 1, out: '', err: expect.stringContaining(said) }));

describe('a verb that makes no store', () => {
  it('is every verb, but for those that are known to make one', async () => {
    const leaves = async (above: string[]): Promise<string[]> => {
      const [, commands = ''] =
        /\nCommands:\n((?: .*\n)+)/.exec((await claimline(...above, '--help')).out) ?? [];
      const below = [...commands.matchAll(/^ {2}(\S+)/gm)]
        .map(([, name]) => name!)
        .filter((name) => name !== 'help');
      if (below.length === 0) return [above.join(' ')];
      const found: string[] = [];
      // One after the other, because what each of them says is caught on the same stdout.
      for (const name of below) found.push(...(await leaves([...above, name])));
      return found;
    };
    const tried = VERBS.map(([first, second]) =>
      ['checkpoint', 'dead-letters', 'epoch', 'keys', 'sessions'].includes(first!)
        ? `${first} ${second}`
        : first!,
    );
    expect((await leaves([])).toSorted()).toEqual([...new Set([...tried, ...MAKING])].toSorted());
  });

  it.each<[what: string, dir: () => string]>([
    ['a folder that is not there', () => join(folder, 'not', 'there')],
    [
      'an empty folder',
      () => {
        mkdirSync(join(folder, 'empty'));
        return join(folder, 'empty');
      },
    ],
    ['a file', () => join(folder, 'kept.txt')],
  ])('says so where DATA_DIR is %s, and leaves everything as it is', async (_, dir) => {
    process.env.DATA_DIR = dir();
    const files = () => readdirSync(folder, { recursive: true });
    const there = files();
    expect(await eachOf(VERBS)).toEqual(
      refused(`there is no store in ${process.env.DATA_DIR}: set DATA_DIR`),
    );
    expect(files()).toEqual(there);
    expect(existsSync(join(folder, 'not'))).toBe(false);
  });

  it.each<[what: string, prepare: (url: string) => Promise<void>]>([
    ['is empty', async () => {}],
    [
      'has tables of others',
      async (url) =>
        void (await asked(url, 'create schema claimline; create table claimline.store (id int)')),
    ],
    ['was prepared, and never used', migrate],
  ])('says so where the database of DATABASE_URL %s, and makes nothing in it', async (_, prepare) => {
    process.env.DATABASE_URL = await database(prepare);
    const there = await contentsOf(process.env.DATABASE_URL);
    expect(await eachOf(VERBS)).toEqual(refused('there is no store in the database that DATABASE_URL names'));
    expect(await contentsOf(process.env.DATABASE_URL)).toEqual(there);
    expect(readdirSync(folder)).not.toContain('log.ndjson');
  });
});

describe('a verb that only reads', () => {
  const READING = VERBS.filter(([verb, below]) => verb !== 'rebuild' && below !== 'new');
  const store = `insert into claimline.store (id, shards, fold) values ('7c9a4a0e-3f7b-4f5e-8a53-0c6a2f4c9e27', 16, 2)`;

  it.each([
    ['older', 'tables', `delete from claimline.log_migrations where name = '${logMigrations.at(-1)!.name}'`],
    ['older', 'names', 'update claimline.store set fold = 1'],
    [
      'newer',
      'tables',
      `insert into claimline.log_migrations (timestamp, name) values (1999999999999, 'Newer1999999999999')`,
    ],
    ['newer', 'names', 'update claimline.store set fold = 9'],
  ])(
    'says of a store that it is of a version that is %s (%s), and does not change it',
    async (age, _, change) => {
      const url = (process.env.DATABASE_URL = await database(migrate));
      await asked(url, `${store}; ${change}`);
      const rows = () =>
        asked(
          url,
          `select (select json_agg(m order by id) from claimline.log_migrations m) as migrations,
                  (select json_agg(s) from claimline.store s) as store`,
        );
      const [there, contents] = [await rows(), await contentsOf(url)];
      const ended = await eachOf(READING);
      expect(
        ended.map(({ verb, code, out, err }) => [
          verb,
          code,
          out,
          err.includes(`those of an older version of Claimline`),
          err.includes('those of a newer version'),
        ]),
      ).toEqual(READING.map((verb) => [verb.join(' '), 1, '', age === 'older', age === 'newer']));
      expect([await rows(), await contentsOf(url)]).toEqual([there, contents]);
    },
  );

  it('makes no read models either, but an export does; those of another form have to be rebuilt first', async () => {
    const url = (process.env.DATABASE_URL = await database(migrate));
    expect(await claimline('import', join(before.cwd, 'examples/statements.ndjson'))).toMatchObject({
      code: 0,
    });
    const schemas = async () => (await contentsOf(url)).some(({ what }) => what === 'schema read_models');
    expect(await claimline('status', '--json')).toMatchObject({
      code: 0,
      out: expect.stringContaining('"rulesetVersion":null'),
    });
    expect(await claimline('status')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^store [0-9a-f-]{36}\n5 events in 16 shards, no read models yet\n/),
    });
    expect(await claimline('verify')).toMatchObject({
      code: 0,
      out: expect.stringContaining('5 events in 16 shards: all events verified'),
    });
    expect(await claimline('verify', '--models')).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringContaining('there are no read models yet'),
    });
    expect(await schemas()).toBe(false);
    expect((await claimline('export', 'statements')).out.trimEnd().split('\n')).toHaveLength(5);
    expect(await schemas()).toBe(true);
    expect(await claimline('status')).toMatchObject({
      code: 0,
      out: expect.stringContaining('read models up to date'),
    });
    await asked(url, 'update read_models.generation set layout = 1');
    const pending = expect.stringContaining(
      'the read models have the layout of another version of Claimline: run `claimline rebuild`',
    );
    for (const verb of [['status'], ['export', 'states'], ['verify', '--models']])
      expect(await claimline(...verb)).toMatchObject({ code: 1, out: '', err: pending });
  });

  it('does not keep a ruleset that is only named', async () => {
    const url = (process.env.DATABASE_URL = await database(migrate));
    await claimline('import', join(before.cwd, 'examples/statements.ndjson'));
    const pool = createPool(url);
    await pool.query('insert into claimline.rulesets (version, content, digest) values ($1, $2, $3)', [
      ruleset.version,
      JSON.stringify(ruleset.file),
      'x',
    ]);
    await createGeneration(pool, ruleset);
    await pool.end();
    writeFileSync('next.json', JSON.stringify({ ...ruleset.file, version: 'only-named' }));
    process.env.RULESET_FILE = 'next.json';
    try {
      expect((await claimline('export', 'states')).code).toBe(0);
    } finally {
      delete process.env.RULESET_FILE;
    }
    expect(await asked(url, 'select version from claimline.rulesets')).toEqual([
      { version: ruleset.version },
    ]);
  });
});
