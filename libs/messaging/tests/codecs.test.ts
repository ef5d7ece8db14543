import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { CompressionTypes, Kafka, logLevel, type Admin } from 'kafkajs';
import { readToEnd } from '#libs/messaging';
import { describeLibrdkafka, LibrdkafkaProducer } from '../../../tests/support/kafka/librdkafka.js';
import { freshPrefix, testBroker } from '../../../tests/support/kafka/test-broker.js';
import { createTopic, untilTrue, WatchedConsumer } from '../../../tests/support/kafka/watched-consumer.js';

const CODECS = ['gzip', 'snappy', 'lz4', 'zstd'];
/** Several blocks of each codec: 300 messages in one batch, some 160 kB, and one that hardly packs. */
const VALUES = [
  ...Array.from({ length: 300 }, (_, n) => `${n} ${'said by somebody '.repeat(30)}`),
  Buffer.from(Array.from({ length: 9000 }, (_, n) => (n * n * 31 + (n >> 3)) % 251)).toString('latin1'),
];

describeLibrdkafka('a topic that others send to', () => {
  const prefix = freshPrefix();
  let brokers: string;
  let kafka: Kafka;
  let admin: Admin;

  beforeAll(async () => {
    brokers = await testBroker();
    kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
    admin = kafka.admin();
    await admin.connect();
  });
  afterAll(async () => {
    await admin.disconnect();
  });

  const create = (topic: string, numPartitions: number, compression: string) =>
    createTopic(admin, {
      topic,
      numPartitions,
      configEntries: [{ name: 'compression.type', value: compression }],
    });

  async function contents(topic: string): Promise<string[]> {
    const values: string[] = [];
    await readToEnd(
      kafka,
      topic,
      new Map(),
      async ({ messages }) => void values.push(...messages.map(({ value }) => value!.toString('latin1'))),
      AbortSignal.timeout(30_000),
    );
    return values;
  }

  test.each(['none', ...CODECS])(
    'packed by librdkafka: %s',
    async (codec) => {
      const topic = `${prefix}-c-${codec}`;
      await create(topic, 1, 'producer');
      const producer = await LibrdkafkaProducer.open(brokers, {
        'compression.type': codec,
        'linger.ms': 500,
      });
      await producer.send(...VALUES.map((value) => ({ topic, value: Buffer.from(value, 'latin1') })));
      await producer.close();
      expect(await contents(topic)).toEqual(VALUES);
    },
    60_000,
  );

  // The broker compresses again what comes in: as Java does.
  test.each(CODECS)(
    'packed by Java: %s',
    async (codec) => {
      const topic = `${prefix}-java-${codec}`;
      await create(topic, 1, codec);
      const producer = kafka.producer({ createPartitioner: () => () => 0 });
      await producer.connect();
      await producer.send({
        topic,
        messages: VALUES.map((value) => ({ value: Buffer.from(value, 'latin1') })),
      });
      await producer.disconnect();
      expect(await contents(topic)).toEqual(VALUES);
    },
    60_000,
  );

  test('a batch too large when unpacked is named, the other partitions continue, and its own does when it is gone', async () => {
    const topic = `${prefix}-large`;
    await create(topic, 2, 'producer');
    const producer = kafka.producer({
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition!,
    });
    await producer.connect();
    const send = (partition: number, value: string | Buffer) =>
      producer.send({ topic, compression: CompressionTypes.GZIP, messages: [{ partition, value }] });
    await send(0, 'before');
    await send(0, Buffer.alloc(33 * 1024 * 1024, 'a'));
    await send(0, 'after');
    const consumer = new WatchedConsumer(kafka, topic, `${prefix}-large`);
    await untilTrue(() => consumer.unreadable.length > 0);
    expect(consumer.unreadable).toEqual([
      {
        topic,
        partition: 0,
        offset: '1',
        lastOffset: '1',
        reason: 'unpacked (gzip) it would be larger than 33554432 bytes',
      },
    ]);
    await send(1, 'elsewhere');
    await untilTrue(() => consumer.values.includes('elsewhere'));
    expect(consumer.values).toEqual(['before', 'elsewhere']);
    // kafkajs must have heard of the partition before.
    await admin.fetchTopicMetadata({ topics: [topic] });
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '2' }] });
    await untilTrue(() => consumer.values.includes('after') && consumer.unreadable.length === 0);
    expect(consumer.values).toEqual(['before', 'elsewhere', 'after']);
    expect(consumer.errors).toEqual([]);
    await consumer.stop();
    await producer.disconnect();
  }, 60_000);
});
