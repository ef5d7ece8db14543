import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createProducer, NotSent, StatementInvalid, type StatementInput } from '#libs/client';
import { headerOf } from '#libs/messaging';
import { describeKafka, freshPrefix } from '../support/kafka/test-broker.js';
import { freePort } from '../support/kafka/ports.js';
import { TcpProxy } from '../support/kafka/tcp-proxy.js';
import { failure, said, upTo } from './said.js';
import { TestTopics } from './topics.js';

const byKey = ([a]: unknown[], [b]: unknown[]) => (String(a) < String(b) ? -1 : 1);

describeKafka('statements over Kafka', () => {
  let topics: TestTopics;
  beforeAll(async () => {
    topics = await TestTopics.create(4);
  }, 120_000);
  afterAll(() => topics.close());

  const BACK = { statedAt: '2025-11-21', speaker: { party: 'russia' } };
  const trace = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

  test('a message each: the key is the id, the value what was given with its id, commands behind their statements', async () => {
    const claimline = createProducer(topics.target);
    const ids = await claimline.produce(
      upTo(40).map((number) => said(number)),
      { traceparent: trace },
    );
    const [upper] = await claimline.produce(
      said(41, { statementId: '0F000000-0000-4000-8000-000000000001' }),
    );
    for (const id of ids.slice(0, 10)) await claimline.retract(id, BACK);
    await claimline.void(ids[0]!, { reason: 'a mistake', by: 'worker-1' });
    await claimline.void(
      '0f000000-0000-4000-8000-000000000002',
      { reason: 'no retraction', by: 'worker-1' },
      { about: ids[1] },
    );
    const right = await claimline.correct(ids[2]!, {
      reason: 'another town',
      by: 'worker-1',
      statement: said(42),
    });
    await claimline.close();

    const messages = (await topics.all(topics.topics.statements)).map(
      ({ key, value, headers, partition }) => ({
        partition,
        key: key!.toString(),
        value: JSON.parse(value!.toString()) as Record<string, unknown>,
        command: headerOf(headers, 'command'),
        traceparent: headerOf(headers, 'traceparent'),
      }),
    );
    expect(new Set(messages.map(({ partition }) => partition)).size).toBe(4);
    const statements = messages.filter(({ command }) => command === undefined);
    expect(new Map(statements.map(({ key, value }) => [key, value]))).toEqual(
      new Map([
        ...ids.map((id, number): [string, unknown] => [id, { statementId: id, ...said(number) }]),
        [upper!, said(41, { statementId: '0F000000-0000-4000-8000-000000000001' })],
      ]),
    );
    expect(statements.map(({ traceparent }) => traceparent).filter((one) => one === trace)).toHaveLength(40);
    expect(messages.filter(({ command }) => command === 'retract').map(({ value }) => value)).toEqual(
      expect.arrayContaining(
        ids.slice(0, 10).map((statementId) => ({ statementId, retractionId: expect.any(String), ...BACK })),
      ),
    );
    expect(
      messages
        .filter(({ command }) => command === 'void')
        .map(({ key, value }) => [key, value])
        .toSorted(byKey),
    ).toEqual(
      [
        [ids[0], { statementId: ids[0], reason: 'a mistake', by: 'worker-1' }],
        [
          ids[1],
          { statementId: '0f000000-0000-4000-8000-000000000002', reason: 'no retraction', by: 'worker-1' },
        ],
      ].toSorted(byKey),
    );
    expect(
      messages.filter(({ command }) => command === 'correct').map(({ key, value }) => [key, value]),
    ).toEqual([
      [
        ids[2],
        {
          statementId: ids[2],
          reason: 'another town',
          by: 'worker-1',
          statement: { statementId: right, ...said(42) },
        },
      ],
    ]);
    // All about one statement is in one partition, in the order in which it was given.
    for (const [at, id] of ids.entries()) {
      const about = messages.filter(({ key }) => key === id);
      expect(new Set(about.map(({ partition }) => partition)).size).toBe(1);
      expect(about.map(({ command }) => command)).toEqual([
        undefined,
        ...(at < 10 ? ['retract'] : []),
        ...(at < 2 ? ['void'] : []),
        ...(at === 2 ? ['correct'] : []),
      ]);
    }
  });

  test('are checked before', async () => {
    const claimline = createProducer(topics.target);
    expect(
      (await failure(StatementInvalid, claimline.produce([said(1), {} as StatementInput]))).invalid,
    ).toMatchObject([{ index: 1 }]);
    await claimline.close();
  });

  test('much at once, in batches that a broker takes', async () => {
    const before = await topics.count(topics.topics.statements);
    const claimline = createProducer({ ...topics.target, maxQueued: 300 });
    const quote = 'Ї'.repeat(9000);
    expect(
      await claimline.produce(
        new Set(
          upTo(400).map((number) =>
            said(5000 + number, { source: { outlet: 'outlet.example', quote: `${quote} ${number}` } }),
          ),
        ),
      ),
    ).toBe(400);
    await claimline.close();
    expect((await topics.count(topics.topics.statements)) - before).toBe(400);
  });

  test('a network that breaks again and again loses nothing and keeps the order', async () => {
    // The broker gives clients its own address, so what breaks is the way to find it; see the tests of crashes for more.
    const broker = Number(topics.brokers[0]!.split(':')[1]);
    const proxy = await TcpProxy.open(broker);
    await proxy.cut();
    const retries: number[] = [];
    const claimline = createProducer({
      brokers: [`127.0.0.1:${proxy.port}`],
      prefix: topics.prefix,
      longestRestMs: 50,
      onRetry: (_, attempt) => retries.push(attempt),
    });
    const ids = await claimline.produce(upTo(20).map((number) => said(7000 + number)));
    await claimline.retract(ids[0]!, BACK);
    const flushed = claimline.flush();
    while (retries.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    await proxy.mend();
    await flushed;
    await claimline.close();
    await proxy.close();
    const keys = (await topics.all(topics.topics.statements)).map(({ key }) => key!.toString());
    for (const id of ids.slice(1)) expect(keys.filter((key) => key === id)).toHaveLength(1);
    expect(keys.filter((key) => key === ids[0])).toHaveLength(2);
  });

  test('close gives up in time where no broker is there, and flush says why', async () => {
    const claimline = createProducer({ brokers: [`127.0.0.1:${await freePort()}`], prefix: freshPrefix() });
    await claimline.produce(said(1));
    const begun = performance.now();
    const { unsent } = await failure(NotSent, claimline.close({ timeoutMs: 200 }));
    expect(unsent).toBe(1);
    expect(performance.now() - begun).toBeLessThan(10_000);
    const hasty = createProducer({ brokers: [`127.0.0.1:${await freePort()}`], giveUpAfterMs: 1 });
    await hasty.produce(said(1));
    expect((await failure(NotSent, hasty.flush())).message).toContain('ECONNREFUSED');
  });

  test('a topic that is missing is not made, but waited for', async () => {
    const prefix = freshPrefix();
    const errors: string[] = [];
    const claimline = createProducer({
      ...topics.target,
      prefix,
      onRetry: ({ message }) => void errors.push(message),
    });
    await claimline.produce(said(1));
    const flushed = claimline.flush();
    while (errors.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(errors[0]).toContain('topic-partition');
    expect(await topics.admin.listTopics()).not.toContain(`${prefix}.statements.v1`);
    await topics.admin.createTopics({ topics: [{ topic: `${prefix}.statements.v1`, numPartitions: 1 }] });
    await flushed;
    await claimline.close();
    await topics.admin.deleteTopics({ topics: [`${prefix}.statements.v1`] });
  });
});
