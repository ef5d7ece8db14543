import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { Message } from 'kafkajs';
import { createPool } from '#libs/platform';
import { DEAD_LETTER } from '#libs/messaging';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { claimline } from '../support/command-line.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { topicsAtHand, type TopicsAtHand } from './topics-at-hand.js';

const GOOD = JSON.stringify({ ...PLAIN, location: { name: 'Sent again' } });

// The topic of dead letters holds what earlier versions, and others, have put there.
describeKafka('a dead letter that the database does not take', () => {
  let at: TopicsAtHand;
  let running: Running;
  beforeAll(async () => {
    at = await topicsAtHand();
    running = await startRunning(at.env);
    Object.assign(process.env, { DATABASE_URL: running.databaseUrl, LOG_LEVEL: 'warn', ...at.env });
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await at?.close();
  });

  const sql = async (statement: string) => {
    const pool = createPool(running.databaseUrl, { max: 1 });
    await pool.query(statement);
    await pool.end();
  };
  let sent = 0;
  const put = async (...messages: Message[]) => {
    const producer = at.kafka.producer();
    await producer.connect();
    await producer.send({
      topic: at.topics.deadLetters,
      messages: messages.map((one) => ({ partition: 3, ...one })),
    });
    await producer.disconnect();
    sent += messages.length;
    await at.until(at.topics.deadLetters, ({ length }) => length === sent);
  };
  const ours = (offset: number, more: Message['headers'] = {}) => ({
    [DEAD_LETTER.code]: 'message-malformed',
    [DEAD_LETTER.detail]: 'was wrong',
    [DEAD_LETTER.topic]: at.topics.statements,
    [DEAD_LETTER.partition]: '1',
    [DEAD_LETTER.offset]: String(offset),
    ...more,
  });
  const listed = async () => {
    const { code, out, err } = await claimline('dead-letters', 'list');
    expect([code, err]).toEqual([0, '']);
    return out.split('\n').filter(Boolean);
  };

  it('as earlier versions have sent it, is kept with its text made printable', async () => {
    await put(
      {
        value: Buffer.from([0, 0, 0, 0, 1]),
        headers: ours(1, {
          [DEAD_LETTER.detail]: 'Unexpected token "\u0000\u001b[2J"',
          [DEAD_LETTER.code]: 'a\u0000b',
          ['a\u0000b']: Buffer.from([0xff, 0]),
        }),
      },
      { value: GOOD, headers: ours(2) },
    );
    expect(await listed()).toEqual([
      expect.stringMatching(/^1:1 .*a\\u0000b .*"\\u0000\\u001b\[2J"$/),
      expect.stringMatching(/^1:2 /),
    ]);
    expect(JSON.parse((await claimline('dead-letters', 'show', '1:1')).out)).toMatchObject({
      headers: { 'a\u0000b': { base64: '/wA=' } },
      value: '\u0000\u0000\u0000\u0000\u0001',
    });
    expect(await claimline('dead-letters', 'discard', '1:1')).toMatchObject({ code: 0 });
    expect(await claimline('dead-letters', 'retry')).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 recorded, 0 refused'),
    });
  }, 60_000);

  it('as others have sent it, is known by its place', async () => {
    const wrong: Message['headers'][] = [
      ours(7, { [DEAD_LETTER.partition]: '1e99' }),
      ours(7, { [DEAD_LETTER.offset]: 'seven' }),
      ours(7, { [DEAD_LETTER.topic]: 'a\u0000b' }),
      ours(7, { [DEAD_LETTER.offset]: '9'.repeat(30) }),
      {},
      Object.fromEntries([
        ['constructor', 'x'],
        ['toString', 'y'],
      ]),
    ];
    await put(...wrong.map((headers) => ({ value: 'whatever', headers })));
    const ids = (await listed()).map((line) => line.split(' ')[0]!);
    expect(ids).toEqual(
      Array.from({ length: wrong.length }, (_, n) => `${at.topics.deadLetters}:3:${n + 2}`),
    );
    for (const id of ids)
      expect(await claimline('dead-letters', 'show', id, '--value')).toMatchObject({
        code: 0,
        out: 'whatever',
      });
    expect(await claimline('dead-letters', 'discard', ...ids)).toMatchObject({
      code: 0,
      out: expect.stringContaining(`${ids.length} discarded`),
    });
  }, 60_000);

  it('is named by a note in its place, and stops no other', async () => {
    await sql(`alter table claimline.dead_letters add constraint no_such check (detail not like '%poison%')`);
    await put(
      { value: GOOD, headers: ours(20) },
      { value: GOOD, headers: ours(21, { [DEAD_LETTER.detail]: 'poison' }) },
      { value: GOOD, headers: ours(22) },
    );
    expect(await listed()).toEqual([
      expect.stringMatching(/^1:20 .*was wrong/),
      expect.stringMatching(/^1:21 .*letter-not-kept .*no_such/),
      expect.stringMatching(/^1:22 .*was wrong/),
    ]);
    expect(await claimline('dead-letters', 'retry')).toMatchObject({
      code: 1,
      out: expect.stringMatching(/1:21 letter-not-kept: .*\n(.*\n)*2 recorded, 1 refused/),
    });
    expect(await claimline('dead-letters', 'discard', '1:21')).toMatchObject({ code: 0 });
  }, 60_000);

  it('nor a note of it, is named when it is read, and stops no other', async () => {
    await sql(`alter table claimline.dead_letters add constraint none_at_all check (origin_offset <> 31)`);
    await put(...[30, 31, 32].map((offset) => ({ value: GOOD, headers: ours(offset) })));
    const { code, out, err } = await claimline('dead-letters', 'list');
    expect({ code, err }).toEqual({ code: 0, err: expect.stringMatching(/cannot keep 1:31 .*none_at_all/) });
    expect(out.split('\n').filter(Boolean)).toEqual([
      expect.stringMatching(/^1:30 /),
      expect.stringMatching(/^1:32 /),
    ]);
  }, 60_000);

  // In a process of its own: what it leaves open keeps it alive.
  const ending = (
    args: string[],
    {
      nodeArgs = [],
      env = {},
      onSpawn,
    }: { nodeArgs?: string[]; env?: NodeJS.ProcessEnv; onSpawn?: (child: ChildProcess) => void } = {},
  ) =>
    new Promise<{ code: number | null; err: string }>((done) => {
      const child = spawn(
        process.execPath,
        [
          '--import',
          resolve('tests/support/leash.mjs'),
          ...nodeArgs,
          resolve('dist/apps/cli/src/main.js'),
          ...args,
        ],
        {
          env: { PATH: process.env.PATH, ...at.env, DATABASE_URL: running.databaseUrl, ...env },
          stdio: ['pipe', 'ignore', 'pipe'],
        },
      );
      onSpawn?.(child);
      let err = '';
      child.stderr.on('data', (chunk) => (err += String(chunk)));
      child.on('close', (code) => done({ code, err }));
    });
  const OPEN = ['--import', 'data:text/javascript,setInterval(()=>{},1e6)'];

  it('lets the command end at once where nothing can be kept at all', async () => {
    await sql(
      'alter table claimline.dead_letters_read add constraint not_read check (next_offset < 0) not valid',
    );
    await put({ value: GOOD, headers: ours(40) }, { value: GOOD, headers: ours(41), partition: 4 });
    expect(await ending(['dead-letters', 'list'])).toEqual({
      code: 1,
      err: expect.stringContaining('not_read'),
    });
  }, 60_000);

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'lets the command end by one %s while the broker says nothing',
    async (signal) => {
      let child: ChildProcess | undefined;
      const silent = createServer(() => void child!.kill(signal)).listen(0, '127.0.0.1');
      await once(silent, 'listening');
      const { port } = silent.address() as AddressInfo;
      const { code } = await ending(['dead-letters', 'list'], {
        env: { KAFKA_BROKERS: `127.0.0.1:${port}` },
        onSpawn: (spawned) => (child = spawned),
      });
      expect(code).toBe(signal === 'SIGTERM' ? 143 : 130);
      silent.close();
    },
    60_000,
  );

  it.each([
    [['dead-letters', 'list'], 1],
    [['dead-letters', 'retry', '1:1'], 1],
    [['import', 'nowhere.ndjson'], 1],
    [['replay', '--out', '/nowhere/at-all.ndjson'], 1],
    [['start', 'nonsense'], 2],
    [['status'], 0],
  ] as [string[], number][])(
    'a command that is done ends, whatever is left open: %j',
    async (args, code) => {
      expect((await ending(args, { nodeArgs: OPEN })).code).toBe(code);
    },
    60_000,
  );
});
