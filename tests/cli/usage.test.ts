import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { migrate } from '#libs/log';
import { VERBS } from '#apps/cli/src/cli.js';
import { claimline } from '../support/command-line.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';

const MAIN = resolve('dist/apps/cli/src/main.js');

describe('the usage of claimline', () => {
  it('is printed for every verb, with examples', async () => {
    const verbs = async (above: string[]): Promise<string[][]> => {
      const { code, out } = await claimline(...above, '--help');
      expect({ above, code, examples: /\nExamples:\n {2}\S/.test(out) }).toEqual({
        above,
        code: 0,
        examples: true,
      });
      const [, commands = ''] = /\nCommands:\n((?: .*\n)+)/.exec(out) ?? [];
      const below = [...commands.matchAll(/^ {2}(\S+)/gm)]
        .map(([, name]) => name!)
        .filter((name) => name !== 'help');
      const found: string[][] = [];
      for (const name of below) found.push([...above, name], ...(await verbs([...above, name])));
      return found;
    };
    const found = await verbs([]);
    // Each loads its own file only.
    expect(found.filter(({ length }) => length === 1).flat()).toEqual(VERBS.flatMap(([names]) => names));
    expect(found.map((verb) => verb.join(' '))).toEqual(
      expect.arrayContaining([
        'start',
        'demo',
        'import',
        'rebuild',
        'verify',
        'audit',
        'epoch list',
        'epoch new',
        'epoch confirm',
        'status',
        'dead-letters',
        'dead-letters list',
        'dead-letters show',
        'dead-letters retry',
        'dead-letters discard',
        'keys create',
        'keys list',
        'keys revoke',
        'keys rotate',
        'sessions list',
        'sessions end',
      ]),
    );
  });

  it.each([
    [['nonsense'], /unknown command 'nonsense'/],
    [['status', '--nonsense'], /unknown option '--nonsense'/],
    [['status', 'now'], /too many arguments/],
    [['audit', '--from', 'soon'], /'--from <time>' argument 'soon' is invalid/],
    [['audit', '--from', '2025-11-02', '--to', '2025-11-01'], /--from must not be after --to/],
    [['epoch', 'new'], /required option '--reason <text>' not specified/],
    [['epoch', 'new', '--reason', ' '], /It must have 1 to 1000 characters/],
    [['import'], /missing required argument 'file'/],
    [['import', 'war.xlsx'], /war\.xlsx: cannot tell the format from the name/],
    [['start', 'nonsense'], /there is no part "nonsense"/],
    [['verify', '--models', '--remember', 'verified'], /'--models' cannot be used with option '--remember/],
    [['verify', '--models', '--after', '0:1'], /'--models' cannot be used with option '--after/],
    [['dead-letters', 'list', '--limit', 'many'], /'--limit <n>' argument 'many' is invalid.* whole number/],
    [['dead-letters', 'retry', '--with', 'mended.json'], /--with replaces the message of one/],
    [
      ['dead-letters', 'retry', '1:0', '--with', 'nowhere.json'],
      /--with nowhere\.json cannot be read: ENOENT/,
    ],
    [['dead-letters', 'discard'], /--filter/],
    [['keys', 'create', '--role', 'read'], /required option '--name <name>' not specified/],
    [['keys', 'create', '--name', 'Desk'], /required option '--role <role...>' not specified/],
    [
      ['keys', 'create', '--name', 'Desk', '--role', 'root'],
      /Allowed choices are read, ingest, curate, operate, admin/,
    ],
    [['keys', 'create', '--name', 'Desk', '--role', 'read', '--expires', '90'], /hours, days or weeks/],
    [['keys', 'revoke'], /missing required argument 'id'/],
    [['sessions', 'list', '--of', 'nobody'], /id of a key, or issuer#subject of an account/],
    [['sessions', 'end'], /Name a session, or with --of whose sessions end/],
    [['sessions', 'end', 'nonsense'], /must be the id of a session/],
  ])('%j is wrong usage, and named', async (args, what) => {
    expect(await claimline(...args)).toEqual({ code: 2, out: '', err: expect.stringMatching(what) });
  });

  it.each([
    [['import', 'nowhere.ndjson'], /^<file> nowhere\.ndjson cannot be read: ENOENT/],
    [
      ['import', 'examples/statements.ndjson', '--mapping', 'nowhere.yaml'],
      /^--mapping nowhere\.yaml cannot be read: ENOENT/,
    ],
    [['restore', 'nowhere.ndjson'], /^<file> nowhere\.ndjson cannot be read: ENOENT/],
    [['status'], /^no connection to the database of DATABASE_URL: connect ECONNREFUSED 127\.0\.0\.1:1\n$/],
  ])('%j names what it could not open', async (args, what) => {
    const { DATABASE_URL } = process.env;
    process.env.DATABASE_URL = 'postgresql://127.0.0.1:1/nowhere';
    try {
      expect(await claimline(...args)).toEqual({ code: 1, out: '', err: expect.stringMatching(what) });
    } finally {
      if (DATABASE_URL === undefined) delete process.env.DATABASE_URL;
      else process.env.DATABASE_URL = DATABASE_URL;
    }
  });

  it('ends quietly where only its beginning is read', async () => {
    const child = spawn(
      'sh',
      ['-c', `{ "${process.execPath}" "${MAIN}" restore --help; echo "code $?" >&2; } | true`],
      { stdio: ['ignore', 'ignore', 'pipe'] },
    );
    let err = '';
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    await once(child, 'close');
    expect(err).toBe('code 141\n');
  });

  it('prints its version', async () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect(await claimline('--version')).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  it('is printed without a verb, and that is wrong usage', async () => {
    expect(await claimline()).toMatchObject({ code: 2, err: expect.stringContaining('Usage: claimline') });
  });
});

describe('claimline, interrupted', () => {
  let database: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    database = await freshDatabase(migrate, 'log');
    folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'usage-'));
  });
  afterAll(() => database.drop());

  const spawned = (...args: string[]): ChildProcessByStdio<Writable, Readable, Readable> =>
    spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env.PATH, DATABASE_URL: database.url, LOG_LEVEL: 'warn' },
      cwd: folder,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  const allOf = async (stream: Readable) => Buffer.concat(await stream.toArray()).toString();
  const statement = (day: number, stance = 'assert') =>
    `${JSON.stringify({
      stance,
      claim: { predicate: 'captured', actor: 'russia' },
      location: { name: 'Cli town' },
      speaker: { party: 'russia' },
      statedAt: `2025-11-0${day}`,
    })}\n`;

  it.each([
    ['SIGINT', 130, 1],
    ['SIGTERM', 143, 2],
  ] as const)('by %s ends with %i; what was recorded stays', async (signal, code, day) => {
    const child = spawned('import', '-', '--json');
    const err = allOf(child.stderr);
    child.stdin.write(statement(day));
    // The refusal of the second line says that the first is recorded.
    child.stdin.write(statement(day, 'doubt'));
    const [first] = (await once(child.stdout, 'data')) as [Buffer];
    const out = allOf(child.stdout);
    // Twice: a Ctrl-C under npm reaches the process from the terminal and from npm.
    child.kill(signal);
    child.kill(signal);
    expect(await once(child, 'close')).toEqual([code, null]);
    expect(JSON.parse(String(first))).toMatchObject({
      line: 2,
      code: 'statement-invalid',
      errors: [{ pointer: '/stance' }],
    });
    expect(JSON.parse(await out)).toEqual({ recorded: 1, duplicates: 0, refused: 1 });
    expect(await err).toContain(`stopped by ${signal}`);
    const again = spawned('import', '-', '--json');
    again.stdin.end(statement(day));
    expect(JSON.parse(await allOf(again.stdout))).toEqual({ recorded: 0, duplicates: 1, refused: 0 });
  });

  it('ends quietly where nobody reads on', async () => {
    const child = spawned('import', '-', '--json');
    const err = allOf(child.stderr);
    child.stdout.destroy();
    child.stdin.on('error', () => {});
    for (let line = 0; line < 3; line++) child.stdin.write(statement(3, 'doubt'));
    expect(await once(child, 'close')).toEqual([141, null]);
    expect(await err).not.toMatch(/stopped|EPIPE|Error/);
  });

  it('answers machines in JSON, and reports progress elsewhere', async () => {
    const file = join(folder, 'one.ndjson');
    writeFileSync(file, statement(4));
    for (const [args, answer] of [
      [['import', file], { recorded: 1, duplicates: 0, refused: 0 }],
      [['verify'], { events: 3, shards: 16, faults: [] }],
      [['rebuild'], { events: 3, rulesetVersion: 'russia-ukraine-2025-11.1' }],
      [
        ['status'],
        {
          events: 3,
          lag: 0,
          relayed: [],
          deadLettersOpen: 0,
          runs: [{ kind: 'rebuild', state: 'done', done: 3 }],
        },
      ],
    ] as const) {
      const child = spawned(...args, '--json');
      child.stdin.end();
      const out = allOf(child.stdout);
      expect([args, await once(child, 'close')]).toEqual([args, [0, null]]);
      expect(JSON.parse(await out)).toMatchObject(answer);
    }
  });
});
