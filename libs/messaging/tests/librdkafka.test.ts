import { beforeAll, expect, test } from '@jest/globals';
import { Kafka, logLevel, type KafkaMessage } from 'kafkajs';
import { readToEnd } from '#libs/messaging';
import { describeLibrdkafka, LibrdkafkaProducer } from '../../../tests/support/kafka/librdkafka.js';
import { freshPrefix, testBroker } from '../../../tests/support/kafka/test-broker.js';
import { createTopic } from '../../../tests/support/kafka/watched-consumer.js';

describeLibrdkafka('a producer of librdkafka', () => {
  const topic = freshPrefix();
  let kafka: Kafka;
  let brokers: string;

  beforeAll(async () => {
    brokers = await testBroker();
    kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await createTopic(admin, { topic, numPartitions: 2 });
    await admin.disconnect();
  });

  async function contents(): Promise<(KafkaMessage & { partition: number })[]> {
    const seen: (KafkaMessage & { partition: number })[] = [];
    await readToEnd(
      kafka,
      topic,
      new Map(),
      async ({ partition, messages }) => void seen.push(...messages.map((one) => ({ ...one, partition }))),
      AbortSignal.timeout(30_000),
    );
    return seen;
  }

  test('sends keys, values, headers without a value and twice, and times', async () => {
    const producer = await LibrdkafkaProducer.open(brokers, { 'compression.type': 'gzip' });
    await producer.send(
      {
        topic,
        partition: 1,
        key: 'k',
        value: Buffer.from([0xff, 0]),
        timestamp: 1000,
        headers: [
          ['a', '1'],
          ['none', null],
          ['a', '2'],
        ],
      },
      { topic, partition: 1, value: null },
    );
    await producer.close();
    const [first, second] = await contents();
    expect(first).toMatchObject({
      partition: 1,
      timestamp: '1000',
      value: Buffer.from([0xff, 0]),
      key: Buffer.from('k'),
    });
    expect(first!.headers).toMatchObject({ a: [Buffer.from('1'), Buffer.from('2')] });
    expect(second).toMatchObject({ partition: 1, key: null, value: null });
  }, 60_000);

  test('commits transactions; one that failed says why', async () => {
    const before = (await contents()).length;
    const producer = await LibrdkafkaProducer.open(brokers, { 'transactional.id': `${topic}-t` });
    await producer.begin();
    await producer.produce({ topic, partition: 0, value: 'committed' });
    await producer.commit();
    await producer.begin();
    await producer.produce({ topic, partition: 0, value: 'aborted' });
    // The broker knows of the transaction once something of it has come: aborted before, it may be refused.
    await producer.flush();
    await producer.abort();
    await expect(producer.commit()).rejects.toThrow('KafkaException');
    await producer.close();
    const plain = await LibrdkafkaProducer.open(brokers);
    await plain.send({ topic, partition: 0, value: 'last' });
    await plain.close();
    expect(await contents()).toHaveLength(before + 2);
  }, 60_000);
});
