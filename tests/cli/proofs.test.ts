import { spawn } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { parseToken } from '#libs/domain';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { type Serving, startService } from '../support/service.js';

const MAIN = resolve('dist/apps/cli/src/main.js');

let folder: string;
let database: TestDatabase;
let env: NodeJS.ProcessEnv;
let serving: Serving;

beforeAll(async () => {
  folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'cli-proofs-'));
  database = await freshDatabase();
  const key = join(folder, 'key.pem');
  writeFileSync(key, generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }));
  env = { DATABASE_URL: database.url, PORT: '0', LOG_LEVEL: 'warn', SHARDS: '2', CHECKPOINT_KEY_FILE: key };
  serving = await startService({ env, logFile: join(folder, 'log') });
  await record(1000);
});
afterAll(async () => {
  serving.signal('SIGTERM');
  await serving.ended;
  await database.drop();
});

let recorded = 0;
async function record(count: number): Promise<void> {
  const statements = Array.from({ length: count }, () => ({
    stance: 'assert',
    claim: { predicate: 'captured', actor: 'russia' },
    location: { name: `Town ${(recorded += 1)}` },
    speaker: { party: 'russia' },
    statedAt: '2025-11-20',
  }));
  const answer = await fetch(`${serving.url}/v1/statements`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(statements),
  });
  expect(answer.status).toBe(200);
}

function claimline(
  args: string[],
  more: NodeJS.ProcessEnv = {},
): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((done) => {
    const child = spawn(process.execPath, [MAIN, ...args], {
      env: { PATH: process.env.PATH, ...env, ...more },
      cwd: folder,
    });
    let [out, err] = ['', ''];
    child.stdout.on('data', (chunk) => (out += String(chunk)));
    child.stderr.on('data', (chunk) => (err += String(chunk)));
    // The test server is not durable, which is warned of.
    child.on('close', (code) => done({ code, out, err: err.replaceAll(/^\{"level":40.*\n/gm, '') }));
  });
}

/** Does something to the log that its triggers would refuse, and undoes it when it has been looked at. */
async function tampered<T>(sql: string, look: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  const kept = ['events', 'heads', 'statement_ids', 'tiles'];
  try {
    await client.query(
      [
        'alter table claimline.events disable trigger all',
        ...kept.map((table) => `create table kept_${table} as select * from claimline.${table}`),
      ].join('; '),
    );
    await client.query(sql);
    return await look();
  } finally {
    await client.query(
      kept
        .map(
          (table) =>
            `truncate claimline.${table}; insert into claimline.${table} select * from kept_${table}; drop table kept_${table}`,
        )
        .join('; '),
    );
    await client.end();
  }
}

/** Cuts the tail off as somebody does who knows what belongs together: events, ids, and the heads moved back to what is left. */
const CUT = `
  delete from claimline.events e using claimline.heads h where e.shard = h.shard and e.position > h.position - 3;
  delete from claimline.statement_ids s where not exists (select from claimline.events e where e.event_id = s.event_id);
  update claimline.heads h set (position, recorded_at, chain) = (
    select position, recorded_at, chain from claimline.events e where e.shard = h.shard order by position desc limit 1
  )`;

const INSERTED = `
  update claimline.events set position = position + 1000000 where shard = 1 and position >= 10;
  insert into claimline.events
    select shard, 10, recorded_at, gen_random_uuid(), type, stream, digest, chain, body, traceparent
    from claimline.events where shard = 1 and position = 9;
  update claimline.events set position = position - 999999 where shard = 1 and position > 1000000;
  update claimline.heads set position = position + 1 where shard = 1`;

// One story: a checkpoint is made and kept, and the log is looked at again later.
describe('claimline checkpoint', () => {
  it('is exported, signed, and never written over another one', async () => {
    expect(await claimline(['checkpoint', 'export', '--out', 'kept.txt'])).toEqual({
      code: 0,
      out: '',
      err: expect.stringMatching(/^1000 events; signed by claimline\//),
    });
    const kept = readFileSync(join(folder, 'kept.txt'), 'utf8');
    expect(kept).toMatch(
      /^claimline\/[0-9a-f-]{36}\n.*Z\n0 \d+ .{44}\n1 \d+ .{44}\n\n— claimline\/[0-9a-f-]{36} .{92}\n$/,
    );
    await record(500);
    expect(await claimline(['checkpoint', 'export', '--out', 'kept.txt'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('--out kept.txt cannot be written: EEXIST'),
    });
    expect(readFileSync(join(folder, 'kept.txt'), 'utf8')).toBe(kept);
    const unsigned = await claimline(['checkpoint', 'export'], { CHECKPOINT_KEY_FILE: '' });
    expect(unsigned).toMatchObject({ code: 0, err: expect.stringMatching(/^1500 events; not signed/) });
    writeFileSync(join(folder, 'newest.txt'), unsigned.out);
  }, 60_000);

  it('is checked: the log begins with what it was then', async () => {
    const { key } = (await (await fetch(`${serving.url}/v1/checkpoint`)).json()) as { key: string };
    const whole = {
      code: 0,
      out: expect.stringMatching(/^the log begins with the 1000 events that it had at .*, unchanged\n$/),
      // Where it takes long, it says how far it is.
      err: expect.stringMatching(/^(?:check: .*\n)*$/),
    };
    expect(
      await claimline(['checkpoint', 'check', 'kept.txt', '--key', key], { CHECKPOINT_KEY_FILE: '' }),
    ).toEqual(whole);
  }, 60_000);

  it('of one shard is exported and checked too, always signed', async () => {
    const exported = await claimline(['checkpoint', 'export', '--shard', '1', '--out', 'shard.txt']);
    const [, key] = /^\d+ events; signed by (claimline\/[0-9a-f-]{36}\/1\+\S+)\n$/.exec(exported.err)!;
    expect(exported).toMatchObject({ code: 0, out: '' });
    const kept = readFileSync(join(folder, 'shard.txt'), 'utf8');
    expect(kept).toMatch(
      /^claimline\/[0-9a-f-]{36}\/1\n\d+\n.{44}\n\n— claimline\/[0-9a-f-]{36}\/1 .{92}\n$/,
    );
    expect(kept).toBe(await (await fetch(`${serving.url}/v1/checkpoint?shard=1`)).text());
    const [, size] = kept.split('\n');
    const whole = {
      code: 0,
      out: `the log begins with the ${size} events of the checkpoint of shard 1, unchanged\n`,
      // Where it takes long, it says how far it is.
      err: expect.stringMatching(/^(?:check: .*\n)*$/),
    };
    expect(await claimline(['checkpoint', 'check', 'shard.txt'])).toEqual(whole);
    expect(
      await claimline(['checkpoint', 'check', 'shard.txt', '--key', key!], { CHECKPOINT_KEY_FILE: '' }),
    ).toEqual(whole);
    expect(JSON.parse((await claimline(['checkpoint', 'check', 'shard.txt', '--json'])).out)).toEqual({
      storeId: expect.any(String),
      shard: 1,
      signature: 'checked',
      events: Number(size),
      faults: [],
    });
    const changed = await tampered(
      `update claimline.events set body = overlay(body placing 'X' from 40 for 1) where shard = 1 and position = 20`,
      () => claimline(['checkpoint', 'check', 'shard.txt']),
    );
    expect(changed).toMatchObject({
      code: 1,
      out: expect.stringMatching(
        /^shard 1, position 20 does not have the digest.*\nthe log does not have the events of the checkpoint of shard 1\n$/,
      ),
    });
    writeFileSync(join(folder, 'forged.txt'), kept.replace(`\n${size}\n`, `\n${Number(size) - 1}\n`));
    expect(await claimline(['checkpoint', 'check', 'forged.txt'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('is not signed with the key'),
    });
    writeFileSync(
      join(folder, 'beyond.txt'),
      kept.slice(0, kept.indexOf('\n\n') + 1).replace('/1\n', '/7\n'),
    );
    expect(await claimline(['checkpoint', 'check', 'beyond.txt'], { CHECKPOINT_KEY_FILE: '' })).toMatchObject(
      { code: 1, out: expect.stringContaining('of shard 7, but this store has 2 shards') },
    );
    expect(await claimline(['checkpoint', 'export', '--shard', '2'])).toMatchObject({
      code: 2,
      err: '--shard: the shards of this store are 0 to 1\n',
    });
    expect(await claimline(['checkpoint', 'export', '--shard', 'x'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('It must be the number of a shard.'),
    });
    expect(
      await claimline(['checkpoint', 'export', '--shard', '0'], { CHECKPOINT_KEY_FILE: '' }),
    ).toMatchObject({ code: 2, err: expect.stringContaining('CHECKPOINT_KEY_FILE is needed') });
  }, 120_000);

  it('that is not ours, or not what was signed, does not pass', async () => {
    const kept = readFileSync(join(folder, 'kept.txt'), 'utf8');
    writeFileSync(join(folder, 'forged.txt'), kept.replace(/\n0 (\d+) /, '\n0 1$1 '));
    expect(await claimline(['checkpoint', 'check', 'forged.txt'])).toMatchObject({
      code: 1,
      out: expect.stringContaining('is not signed with the key'),
    });
    writeFileSync(
      join(folder, 'other.txt'),
      kept.slice(0, kept.indexOf('\n\n') + 1).replace(/claimline\/......../, 'claimline/00000000'),
    );
    expect(await claimline(['checkpoint', 'check', 'other.txt'], { CHECKPOINT_KEY_FILE: '' })).toMatchObject({
      code: 1,
      out: expect.stringContaining('is of store 00000000'),
    });
    writeFileSync(join(folder, 'none.txt'), 'hello\n');
    expect(await claimline(['checkpoint', 'check', 'none.txt'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('none.txt holds no checkpoint'),
    });
  }, 60_000);

  it('finds, and so does verify, one byte of an event that was changed, and an event that was put in', async () => {
    const changed = `update claimline.events set body = overlay(body placing 'X' from 40 for 1) where shard = 0 and position = 77`;
    const both = await tampered(`${changed}; ${INSERTED}`, () =>
      Promise.all([claimline(['verify']), claimline(['checkpoint', 'check', 'kept.txt'])]),
    );
    for (const one of both)
      expect(one).toMatchObject({
        code: 1,
        out: expect.stringMatching(
          /^shard 0, position 77 does not have the digest.*\nshard 1, position 10 breaks the chain/,
        ),
      });
  }, 60_000);

  it('finds a tail that was cut off so that nothing else shows it', async () => {
    const check = await tampered(CUT, () =>
      claimline(['checkpoint', 'check', 'newest.txt', '--json'], { CHECKPOINT_KEY_FILE: '' }),
    );
    expect(check).toMatchObject({ code: 1, err: expect.stringContaining('its signature is not checked') });
    const missing = {
      position: expect.any(Number),
      what: expect.stringContaining('is missing: the checkpoint states'),
    };
    expect(JSON.parse(check.out)).toMatchObject({
      signature: 'not checked',
      faults: [
        { shard: 0, ...missing },
        { shard: 1, ...missing },
      ],
    });
  }, 60_000);
});

describe('claimline verify', () => {
  // A service that has seen what the tests above did to the log begins an epoch, sooner or later, when all is back.
  beforeAll(async () => {
    serving.signal('SIGTERM');
    await serving.ended;
    serving = await startService({ env, logFile: join(folder, 'log') });
  }, 60_000);

  it('resumes where it was, by a token or by a file', async () => {
    const first = await claimline(['verify', '--json', '--remember', 'verified']);
    const { token, events, faults } = JSON.parse(first.out) as {
      token: string;
      events: number;
      faults: object[];
    };
    expect([first.code, events, faults]).toEqual([0, 1500, []]);
    await record(40);
    expect((await claimline(['verify', '--after', token])).out).toBe(
      '40 events in 2 shards: all events verified\n',
    );
    expect((await claimline(['verify', '--remember', 'verified'])).out).toBe(
      '40 events in 2 shards: all events verified\n',
    );
    expect(existsSync(join(folder, 'verified.new'))).toBe(false);
    // What does not fit is found again, for it is never gone beyond.
    await record(40);
    const last = JSON.parse((await claimline(['verify', '--json', '--after', token])).out) as {
      token: string;
    };
    const position = parseToken(last.token)!.get(1)!;
    await tampered(
      `update claimline.events set body = body || ' ' where shard = 1 and position = ${position}`,
      async () => {
        expect(await claimline(['verify', '--remember', 'verified'])).toMatchObject({
          code: 1,
          out: expect.stringContaining(`shard 1, position ${position} does not have`),
        });
      },
    );
  }, 60_000);

  it('says what is wrong with what it is given', async () => {
    expect(await claimline(['verify', '--after', 'x'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('must be a token'),
    });
    writeFileSync(join(folder, 'others'), '00000000-0000-4000-8000-000000000000 0:1\n');
    expect(await claimline(['verify', '--remember', 'others'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('is about store 00000000'),
    });
  }, 60_000);
});
