import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kafka, logLevel, type Admin, type Producer } from 'kafkajs';
import { describeKafka, freshPrefix, testBroker } from '../../../tests/support/kafka/test-broker.js';
import { createTopic, untilTrue, WatchedConsumer } from '../../../tests/support/kafka/watched-consumer.js';

describeKafka('a topic that is deleted and recreated', () => {
  const prefix = freshPrefix();
  let kafka: Kafka;
  let admin: Admin;
  let producer: Producer;

  beforeAll(async () => {
    kafka = new Kafka({ brokers: (await testBroker()).split(','), logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
    producer = kafka.producer({ createPartitioner: () => () => 0 });
    await producer.connect();
  });
  afterAll(async () => {
    await producer.disconnect();
    await admin.disconnect();
  });

  const create = (topic: string) => createTopic(admin, { topic, numPartitions: 1 });
  const numbered = (name: string, count: number) => Array.from({ length: count }, (_, n) => `${name} ${n}`);
  /** Other brokers may still look for the topic where it was. */
  async function send(topic: string, values: string[]): Promise<void> {
    await untilTrue(() =>
      producer.send({ topic, messages: values.map((value) => ({ value })) }).then(
        () => true,
        () => false,
      ),
    );
  }
  async function makeAnew(topic: string): Promise<void> {
    await admin.deleteTopics({ topics: [topic] });
    await create(topic);
  }
  /** A coordinator that is loading does not know. */
  const committed = (topic: string) =>
    admin.fetchOffsets({ groupId: `${topic}-group`, topics: [topic] }).then(
      ([group]) => group!.partitions[0]!,
      () => ({ offset: 'unknown', metadata: null }),
    );
  /** A consumer that has read ten, at offset 10, with nothing committed yet. */
  async function standingAtTen(topic: string) {
    await create(topic);
    await send(topic, numbered('old', 10));
    const consumer = new WatchedConsumer(kafka, topic, `${topic}-group`);
    await untilTrue(async () => (await committed(topic)).offset === '10');
    return consumer;
  }

  test('is read from its beginning, though it is longer by now than the old one', async () => {
    const topic = `${prefix}-running`;
    const consumer = await standingAtTen(topic);
    // It is busy until all of the new topic is there.
    let goOn = () => {};
    const busy = new Promise<void>((resolve) => (goOn = resolve));
    consumer.gate = () => busy;
    await send(topic, ['old 10']);
    await untilTrue(() => consumer.values.includes('old 10'));
    await makeAnew(topic);
    await send(topic, numbered('new', 25));
    goOn();
    await untilTrue(() => consumer.values.includes('new 0') && consumer.values.includes('new 24'));
    expect(consumer.values).toEqual(expect.arrayContaining(numbered('new', 25)));
    await untilTrue(async () => (await committed(topic)).offset === '25');
    await consumer.stop();
  }, 60_000);

  test('is so too after a restart that came before it was noticed', async () => {
    const topic = `${prefix}-restarted`;
    const consumer = await standingAtTen(topic);
    let goOn = () => {};
    const busy = new Promise<void>((resolve) => (goOn = resolve));
    consumer.gate = () => busy;
    await send(topic, ['old 10']);
    await untilTrue(() => consumer.values.includes('old 10'));
    const { metadata } = await committed(topic);
    await makeAnew(topic);
    await send(topic, numbered('new', 25));
    // It commits offset 11 of the old topic as it ends, which is in range in the new one.
    goOn();
    await consumer.stop();
    const left = await committed(topic);
    if (left.offset !== '-1') expect(left.metadata).toBe(metadata);
    const next = new WatchedConsumer(kafka, topic, `${topic}-group`);
    await untilTrue(() => next.values.includes('new 24'));
    expect(next.values).toEqual(numbered('new', 25));
    await untilTrue(async () => (await committed(topic)).offset === '25');
    await next.stop();
    // What was noticed once is not noticed again.
    await send(topic, ['new 25']);
    const last = new WatchedConsumer(kafka, topic, `${topic}-group`);
    await untilTrue(() => last.values.includes('new 25'));
    await last.stop();
    expect(last.values).toEqual(['new 25']);
  }, 60_000);

  test('with partitions that get nothing, which are committed all the same', async () => {
    const topic = `${prefix}-silent`;
    const consumer = await standingAtTen(topic);
    const { metadata: old } = await committed(topic);
    await consumer.stop();
    await makeAnew(topic);
    // As a member that knew only the old topic leaves it.
    const member = kafka.consumer({ groupId: `${topic}-group` });
    await member.connect();
    await member.subscribe({ topic });
    // It fetches nothing: it would find its offset out of range, and commit another.
    member.on(member.events.GROUP_JOIN, () => member.pause([{ topic }]));
    await member.run({ autoCommit: false, eachMessage: async () => {} });
    await untilTrue(() =>
      member.commitOffsets([{ topic, partition: 0, offset: '10', metadata: old! }]).then(
        () => true,
        () => false,
      ),
    );
    await member.disconnect();
    const next = new WatchedConsumer(kafka, topic, `${topic}-group`);
    await untilTrue(async () => (await committed(topic)).offset === '0');
    await send(topic, numbered('new', 12));
    await untilTrue(() => next.values.length === 12);
    await next.stop();
    expect(next.values).toEqual(numbered('new', 12));
    expect(next.errors).toEqual([]);
  }, 60_000);
});
