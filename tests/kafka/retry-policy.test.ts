import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { fateOf, faultOf, RETRY_POLICY } from '#libs/intake';
import { createPool } from '#libs/platform';
import { DEAD_LETTER } from '#libs/messaging';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { topicsAtHand, type TopicsAtHand } from './topics-at-hand.js';

const fateOfThrown = async (work: () => Promise<unknown>): Promise<string> => {
  const thrown: unknown = await work().then(
    () => 'nothing was thrown',
    (error: unknown) => error,
  );
  expect(thrown).not.toBe('nothing was thrown');
  return fateOf(faultOf(thrown));
};

it('docs/operations.md quotes the policy', () => {
  const rows = RETRY_POLICY.map(({ what, fate }) => `| ${what} | ${fate} |`).join('\n');
  expect(readFileSync('docs/operations.md', 'utf8')).toContain(`${rows}\n`);
});

describe('what the database says', () => {
  let database: TestDatabase;
  let pool: ReturnType<typeof createPool>;
  beforeAll(async () => {
    database = await freshDatabase();
    pool = createPool(database.url, { max: 2 });
    await pool.query('create table kept (id int primary key, text text)');
    await pool.query('insert into kept values (1)');
  });
  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  it.each([
    ['text that it cannot hold', 'dead letter', 'insert into kept values (2, $1)', ['a\u0000b']],
    ['a number that is too large', 'dead letter', 'insert into kept values ($1)', ['99999999999']],
    ['what is there already', 'dead letter', 'insert into kept values (1)', []],
    ['what it takes for too long', 'dead letter', `select repeat('x', 2000000000)`, []],
    ['a table that is missing', 'waits', 'select from nothing', []],
    [
      'a transaction that may only read',
      'waits',
      'begin; set transaction read only; insert into kept values (3)',
      [],
    ],
    ['too little time', 'waits', `set statement_timeout = 1; select pg_sleep(5)`, []],
    ['a connection that it ends', 'waits', 'select pg_terminate_backend(pg_backend_pid())', []],
    [
      'a lock that it does not get',
      'waits',
      `do $$ begin raise exception using errcode = '55P03'; end $$`,
      [],
    ],
    ['a full disk', 'waits', `do $$ begin raise exception using errcode = '53100'; end $$`, []],
    [
      'a fault that nobody has foreseen',
      'waits 5 s, then dead letter',
      `do $$ begin raise exception 'no'; end $$`,
      [],
    ],
  ] as [string, string, string, string[]][])('%s: %s', async (_, fate, sql, values) => {
    const client = await pool.connect();
    client.on('error', () => {});
    const thrown = await fateOfThrown(() =>
      values.length > 0 ? client.query(sql, values) : client.query(sql),
    ).finally(() => client.release(true));
    expect(thrown).toBe(fate);
  });

  it('nothing at all: waits', async () => {
    const away = createPool(Object.assign(new URL(database.url), { port: '1' }).href, { max: 1 });
    expect(await fateOfThrown(() => away.query('select 1'))).toBe('waits');
    await away.end();
    const unnamed = createPool(Object.assign(new URL(database.url), { hostname: 'nowhere.invalid' }).href, {
      max: 1,
    });
    expect(await fateOfThrown(() => unnamed.query('select 1'))).toBe('waits');
    await unnamed.end();
    const encrypted = createPool(`${database.url}?sslmode=require`, { max: 1 });
    expect(await fateOfThrown(() => encrypted.query('select 1'))).toBe('waits');
    await encrypted.end();
    // One that accepts connections and hangs up.
    const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const deaf = createPool(
      Object.assign(new URL(database.url), { port: String((server.address() as { port: number }).port) })
        .href,
      { max: 1 },
    );
    expect(await fateOfThrown(() => deaf.query('select 1'))).toBe('waits');
    await deaf.end();
    server.close();
  });
});

describeKafka('what the broker says', () => {
  let at: TopicsAtHand;
  beforeAll(async () => {
    at = await topicsAtHand();
    const admin = at.kafka.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [
        {
          topic: at.topics.deadLetters,
          numPartitions: 1,
          configEntries: [
            { name: 'max.message.bytes', value: '1000' },
            { name: 'cleanup.policy', value: 'compact' },
          ],
        },
      ],
      waitForLeaders: true,
    });
    await admin.disconnect();
  }, 120_000);
  afterAll(() => at?.close());

  const sending = async (topic: string, message: object, kafka = at.kafka) => {
    const producer = kafka.producer({
      retry: { retries: 1, initialRetryTime: 10 },
      allowAutoTopicCreation: false,
    });
    try {
      await producer.connect();
      await producer.send({ topic, messages: [message as Message] });
    } finally {
      await producer.disconnect();
    }
  };

  it.each([
    ['a message that is too large', 'dead letter', { key: 'k', value: 'x'.repeat(2000) }],
    ['a message that it does not take', 'dead letter', { value: 'without a key' }],
    ['a header that kafkajs cannot send', 'dead letter', { key: 'k', value: 'x', headers: { none: null } }],
  ])('%s: %s', async (_, fate, message) => {
    expect(await fateOfThrown(() => sending(at.topics.deadLetters, message))).toBe(fate);
  });

  it('a topic that is missing, or nothing at all: waits', async () => {
    expect(await fateOfThrown(() => sending(`${at.prefix}.missing`, { value: 'x' }))).toBe('waits');
    expect(
      await fateOfThrown(() =>
        sending(
          'any',
          { value: 'x' },
          new Kafka({ brokers: ['127.0.0.1:1'], logLevel: logLevel.NOTHING, retry: { retries: 0 } }),
        ),
      ),
    ).toBe('waits');
  });
});

describeKafka('the recorder', () => {
  let at: TopicsAtHand;
  let running: Running;
  beforeAll(async () => {
    at = await topicsAtHand();
    running = await startRunning(at.env);
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await at?.close();
  });

  it('gives up on a statement that breaks the database in a way that nobody has foreseen, and continues', async () => {
    const [broken, good] = [
      { ...PLAIN, statementId: randomUUID() },
      { ...PLAIN, statementId: randomUUID() },
    ];
    const pool = createPool(running.databaseUrl, { max: 1 });
    await pool.query(
      `create function breaks() returns trigger language plpgsql as $$ begin raise exception 'it breaks'; end $$`,
    );
    await pool.query(
      `create trigger breaks before insert on claimline.statement_ids for each row
       when (new.id = '${broken.statementId}') execute function breaks()`,
    );
    await pool.end();
    await at.send(
      { value: JSON.stringify(broken), partition: 2 },
      { value: JSON.stringify(good), partition: 2 },
    );
    const [letter] = await at.until(at.topics.deadLetters, ({ length }) => length > 0);
    expect(letter).toMatchObject({
      value: JSON.stringify(broken),
      headers: {
        [DEAD_LETTER.code]: 'internal-error',
        [DEAD_LETTER.detail]: expect.stringContaining('it breaks'),
      },
    });
    while ((await running.get(`/v1/statements/${good.statementId}`)).status !== 200)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await running.get('/readyz')).status).toBe(200);
  }, 90_000);
});
