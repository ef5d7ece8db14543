import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel, type Admin, type Message, type PartitionMetadata } from 'kafkajs';
import { readToEnd, ReliableProducer } from '#libs/messaging';
import { startCluster, type Cluster } from '../../../tests/support/kafka/cluster.js';
import { describeOwnKafka } from '../../../tests/support/kafka/test-broker.js';
import { createTopic } from '../../../tests/support/kafka/watched-consumer.js';

describeOwnKafka('what is acknowledged is in the topic, whole', () => {
  let cluster: Cluster;
  let kafka: Kafka;
  let admin: Admin;

  beforeAll(async () => {
    cluster = await startCluster({
      folder: join(process.env.CLAIMLINE_TEST_TMP!, `sender-${process.pid}`),
      brokers: 3,
      heapMb: 320,
    });
    kafka = new Kafka({
      brokers: cluster.bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      requestTimeout: 1000,
    });
    // Not what is tested: it waits as long as it takes.
    const patient = { requestTimeout: 30_000, retry: { retries: 10 } };
    admin = new Kafka({
      brokers: cluster.bootstrap.split(','),
      logLevel: logLevel.NOTHING,
      ...patient,
    }).admin();
    await admin.connect();
  }, 120_000);

  afterAll(async () => {
    await admin.disconnect();
    await cluster.kill();
  });

  /** As soon as the broker that is asked knows the topic. */
  async function partitionsOf(topic: string): Promise<PartitionMetadata[]> {
    for (;;) {
      const found = await admin.fetchTopicMetadata({ topics: [topic] }).catch(() => undefined);
      if (found !== undefined) return found.topics[0]!.partitions;
      await sleep(50);
    }
  }
  const create = (topic: string, numPartitions: number) =>
    createTopic(admin, { topic, numPartitions, replicationFactor: 2 });

  /** As all who use a sender do: again, until it succeeds. */
  async function insist(producer: ReliableProducer, topic: string, messages: Message[]): Promise<void> {
    while (
      !(await producer.send(topic, messages).then(
        () => true,
        () => false,
      ))
    );
  }

  async function contents(topic: string): Promise<Set<string>> {
    const found = new Set<string>();
    await readToEnd(
      kafka,
      topic,
      new Map(),
      async ({ messages }) => messages.forEach(({ value }) => found.add(value!.toString())),
      AbortSignal.timeout(60_000),
    );
    return found;
  }

  test('where partitions go over to other brokers, and the producer does not know', async () => {
    const topic = 'moved';
    const messages = (round: string) =>
      Array.from({ length: 12 }, (_, partition) => ({ partition, value: `${round} ${partition}` }));
    await create(topic, 12);
    const producer = new ReliableProducer(kafka);
    await insist(producer, topic, messages('before'));
    // Broker 2 refuses its messages now. The others have accepted theirs when the producer learns that these are for them, too.
    const partitionAssignment = messages('').map(({ partition }) => ({
      partition,
      replicas: partition % 2 === 0 ? [1, 3] : [3, 1],
    }));
    await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
    while ((await partitionsOf(topic)).some(({ leader, replicas }) => leader === 2 || replicas.includes(2)))
      await sleep(50);
    await insist(producer, topic, messages('after'));
    await producer.close();
    expect(await contents(topic)).toEqual(
      new Set([...messages('before'), ...messages('after')].map(({ value }) => value)),
    );
  }, 180_000);

  test('where one of two sends at once is in doubt', async () => {
    const topic = 'doubtful';
    await create(topic, 1);
    const producer = new ReliableProducer(kafka);
    await insist(producer, topic, [{ value: 'before' }]);
    const [partition] = await partitionsOf(topic);
    const leader = cluster.brokers.find(({ id }) => id === partition!.leader)!;
    // It has the first message, and its producer does not know: the second must not be taken for a repeat of it.
    process.kill(leader.pid!, 'SIGSTOP');
    const sends = ['one', 'two'].map((value) => insist(producer, topic, [{ value }]));
    await sleep(1500);
    process.kill(leader.pid!, 'SIGCONT');
    await Promise.all(sends);
    await producer.close();
    expect(await contents(topic)).toEqual(new Set(['before', 'one', 'two']));
  }, 180_000);
});
