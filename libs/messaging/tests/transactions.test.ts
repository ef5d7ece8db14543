import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kafka, logLevel, type Admin } from 'kafkajs';
import { BrokerLink } from '#libs/platform';
import { readToEnd } from '#libs/messaging';
import { describeLibrdkafka, LibrdkafkaProducer } from '../../../tests/support/kafka/librdkafka.js';
import { freshPrefix, testBroker } from '../../../tests/support/kafka/test-broker.js';
import { createTopic, untilTrue, WatchedConsumer } from '../../../tests/support/kafka/watched-consumer.js';

describeLibrdkafka('what was aborted is for nobody to see', () => {
  const prefix = freshPrefix();
  let brokers: string;
  let kafka: Kafka;
  let admin: Admin;
  let link: BrokerLink;
  let a: LibrdkafkaProducer;
  let b: LibrdkafkaProducer;

  beforeAll(async () => {
    brokers = await testBroker();
    kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
    link = new BrokerLink(kafka);
    [a, b] = (await Promise.all(
      ['a', 'b'].map((name) =>
        LibrdkafkaProducer.open(brokers, {
          'transactional.id': `${prefix}-${name}`,
          'compression.type': 'lz4',
        }),
      ),
    )) as [LibrdkafkaProducer, LibrdkafkaProducer];
  }, 60_000);
  afterAll(async () => {
    await Promise.all([a?.close(), b?.close(), link?.close(), admin?.disconnect()]);
  });

  let made = 0;
  async function freshTopic(): Promise<string> {
    const topic = `${prefix}-${made++}`;
    await createTopic(admin, { topic, numPartitions: 1 });
    return topic;
  }

  /** What a consumer sees of a topic, once nothing is left in it that it could get. @param end each message and each marker counts */
  async function seenIn(topic: string, end: number): Promise<(string | undefined)[]> {
    // A transaction is acknowledged before its marker is written.
    await untilTrue(async () => Number((await admin.fetchTopicOffsets(topic))[0]!.high) === end);
    const consumer = new WatchedConsumer(kafka, topic, `${topic}-group`);
    // A fresh broker may still be loading the coordinator of the group.
    const notYet = (error: Error & { retriable?: boolean }) => {
      if (!error.retriable) throw error;
    };
    await untilTrue(async () => (await link.lagOf(`${topic}-group`, topic).catch(notYet))?.get(0) === 0);
    await consumer.stop();
    expect(consumer.errors).toEqual([]);
    return consumer.values;
  }

  const now = async (producer: LibrdkafkaProducer, topic: string, value: string, key?: Buffer) => {
    await producer.produce({ topic, partition: 0, value, ...(key && { key }) });
    await producer.flush();
  };

  type Step = [producer: 'a' | 'b', what: string];
  const steps: [name: string, steps: Step[], seen: string[]][] = [
    [
      'two overlap, the first is aborted first',
      [
        ['a', 'a1'],
        ['b', 'b1'],
        ['a', 'a2'],
        ['b', 'b2'],
        ['a', 'abort'],
        ['b', 'b3'],
        ['b', 'commit'],
      ],
      ['b1', 'b2', 'b3'],
    ],
    [
      'two overlap, the first is aborted last',
      [
        ['a', 'a1'],
        ['b', 'b1'],
        ['a', 'a2'],
        ['b', 'b2'],
        ['b', 'commit'],
        ['a', 'a3'],
        ['a', 'abort'],
      ],
      ['b1', 'b2'],
    ],
    [
      'two overlap, the second is aborted first',
      [
        ['a', 'a1'],
        ['b', 'b1'],
        ['a', 'a2'],
        ['b', 'abort'],
        ['a', 'a3'],
        ['a', 'commit'],
      ],
      ['a1', 'a2', 'a3'],
    ],
    // The broker names the one that ended first first, and it began last.
    [
      'two overlap, both are aborted, the second first',
      [
        ['a', 'a1'],
        ['a', 'a2'],
        ['b', 'b1'],
        ['b', 'b2'],
        ['a', 'a3'],
        ['b', 'abort'],
        ['a', 'abort'],
      ],
      [],
    ],
    [
      'both are aborted, and go on with ones that are not',
      [
        ['a', 'a1'],
        ['b', 'b1'],
        ['a', 'a2'],
        ['b', 'abort'],
        ['b', 'b2'],
        ['a', 'abort'],
        ['a', 'a3'],
        ['b', 'commit'],
        ['a', 'commit'],
      ],
      ['b2', 'a3'],
    ],
    [
      'nothing comes after one that was aborted',
      [
        ['a', 'a1'],
        ['a', 'commit'],
        ['b', 'b1'],
        ['b', 'abort'],
      ],
      ['a1'],
    ],
  ];
  test.each(steps)(
    '%s',
    async (_, all, seen) => {
      const topic = await freshTopic();
      const open = new Set<LibrdkafkaProducer>();
      for (const [name, what] of all) {
        const producer = name === 'a' ? a : b;
        if (what === 'abort' || what === 'commit') {
          await producer[what]();
          open.delete(producer);
        } else {
          if (!open.has(producer)) await producer.begin();
          open.add(producer);
          await now(producer, topic, what);
        }
      }
      expect(await seenIn(topic, all.length)).toEqual(seen);
      const read: string[] = [];
      await readToEnd(
        kafka,
        topic,
        new Map(),
        async ({ messages }) => void read.push(...messages.map(({ value }) => value!.toString())),
        AbortSignal.timeout(20_000),
      );
      expect(read).toEqual(seen);
    },
    60_000,
  );

  test('one that comes alone is no lag, nor is its marker', async () => {
    const topic = await freshTopic();
    const lag = async () => (await link.lagOf(`${topic}-group`, topic)).get(0);
    const consumer = new WatchedConsumer(kafka, topic, `${topic}-group`);
    await a.begin();
    await now(a, topic, 'a1');
    await a.commit();
    await untilTrue(async () => consumer.values.includes('a1') && (await lag()) === 0);
    for (const round of [1, 2]) {
      await b.begin();
      await now(b, topic, `b${round}`);
      await b.abort();
      await untilTrue(
        async () =>
          Number((await admin.fetchTopicOffsets(topic))[0]!.high) === 2 + 2 * round && (await lag()) === 0,
      );
    }
    await consumer.stop();
    expect(consumer.values).toEqual(['a1']);
  }, 60_000);

  test('a key that looks like an abort marker ends no transaction', async () => {
    const topic = await freshTopic();
    const zero = Buffer.alloc(4);
    await a.begin();
    await now(a, topic, 'a1', zero);
    await now(a, topic, 'a2', zero);
    await now(a, topic, 'a3');
    await a.abort();
    await a.begin();
    await now(a, topic, 'a4', zero);
    await a.commit();
    expect(await seenIn(topic, 6)).toEqual(['a4']);
  }, 60_000);
});
