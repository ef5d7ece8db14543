import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Admin, Kafka, logLevel, Partitioners, type Producer } from 'kafkajs';
import { type Cluster, startCluster } from '../support/kafka/cluster.js';
import { TcpProxy } from '../support/kafka/tcp-proxy.js';
import { describeKafka, describeOwnKafka, freshPrefix, testBroker } from '../support/kafka/test-broker.js';

const newFolder = () => mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'own-kafka-'));

const clientOf = (bootstrap: string, retries = 8) =>
  new Kafka({
    brokers: bootstrap.split(','),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 500,
    requestTimeout: 1500,
    enforceRequestTimeout: true,
    retry: { initialRetryTime: 50, maxRetryTime: 500, retries },
  });

async function withAdmin<T>(kafka: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

async function withProducer<T>(kafka: Kafka, use: (producer: Producer) => Promise<T>): Promise<T> {
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  try {
    await producer.connect();
    return await use(producer);
  } finally {
    await producer.disconnect();
  }
}

/** The first messages of the topic, the given number. */
async function read(kafka: Kafka, topic: string, count: number): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: `${topic}-readers`, maxWaitTimeInMs: 100 });
  const values: string[] = [];
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void values.push(String(message.value)) });
    for (const deadline = Date.now() + 10_000; values.length < count && Date.now() < deadline;)
      await sleep(20);
    return values;
  } finally {
    await consumer.disconnect();
  }
}

describeOwnKafka('a broker of our own', () => {
  let folder: string;
  let proxy: TcpProxy;
  let cluster: Cluster;

  const start = async () => {
    cluster = await startCluster({ folder, cutPorts: [proxy.port], heapMb: 256 });
    proxy.target = cluster.brokers[0]!.cutPort!;
  };

  beforeAll(async () => {
    folder = newFolder();
    // The broker has to know the proxy's port, and the proxy the broker's.
    proxy = await TcpProxy.open(0);
    await start();
  });

  afterAll(async () => {
    await cluster.kill();
    await proxy.close();
  });

  test('what it has acknowledged outlives kill -9', async () => {
    const [broker] = cluster.brokers;
    const kafka = clientOf(cluster.bootstrap);
    const topic = freshPrefix();
    const sent = Array.from({ length: 50 }, (_, number) => `message ${number}`);
    await withAdmin(kafka, (admin) => admin.createTopics({ topics: [{ topic }] }));
    await withProducer(kafka, (producer) =>
      producer.send({ topic, acks: -1, messages: sent.map((value) => ({ value })) }),
    );
    const before = broker!.pid;
    await broker!.kill();
    expect(broker!.pid).toBeUndefined();
    expect(() => process.kill(before!, 0)).toThrow('ESRCH');
    await broker!.start();
    expect(broker!.pid).not.toBe(before);
    expect(await read(kafka, topic, sent.length)).toEqual(sent);
  });

  test('a folder used before keeps its topics and ports', async () => {
    const topic = freshPrefix();
    await withAdmin(clientOf(cluster.bootstrap), (admin) => admin.createTopics({ topics: [{ topic }] }));
    const { bootstrap } = cluster;
    await cluster.stop();
    await expect(startCluster({ folder, brokers: 3 })).rejects.toThrow('holds the data of 1 brokers, not 3');
    await start();
    expect(cluster.bootstrap).toBe(bootstrap);
    expect(await withAdmin(clientOf(bootstrap), (admin) => admin.listTopics())).toContain(topic);
  });

  test('a broker that cannot start says why', async () => {
    await expect(
      startCluster({ folder: newFolder(), properties: { 'log.retention.ms': 'a while' } }),
    ).rejects.toThrow(/Invalid value a while/);
    await expect(startCluster({ folder: newFolder(), ports: [cluster.brokers[0]!.port] })).rejects.toThrow(
      `port ${cluster.brokers[0]!.port} of 127.0.0.1 is taken`,
    );
  });

  test('a client that comes through the proxy stays behind it: cut, stalled, mended', async () => {
    const topic = freshPrefix();
    await withAdmin(clientOf(cluster.bootstrap), (admin) => admin.createTopics({ topics: [{ topic }] }));
    const kafka = clientOf(`127.0.0.1:${proxy.port}`, 0);
    const outcomeOf = (producer: Producer, value: string) =>
      producer.send({ topic, acks: -1, messages: [{ value }] }).then(
        () => 'sent',
        () => 'failed',
      );
    await withProducer(kafka, async (producer) => {
      expect(await outcomeOf(producer, 'before')).toBe('sent');

      await proxy.cut();
      expect(await outcomeOf(producer, 'cut')).toBe('failed');
      await expect(clientOf(`127.0.0.1:${proxy.port}`, 0).admin().connect()).rejects.toThrow('ECONNREFUSED');
      await proxy.mend();
      await producer.connect();
      expect(await outcomeOf(producer, 'mended')).toBe('sent');

      proxy.stall();
      const begin = Date.now();
      expect(await outcomeOf(producer, 'stalled')).toBe('failed');
      expect(Date.now() - begin).toBeGreaterThan(1000);
      await proxy.mend();
      await producer.connect();
      expect(await outcomeOf(producer, 'mended again')).toBe('sent');
    });
    const there = await read(clientOf(cluster.bootstrap), topic, 4);
    expect(there.filter((value) => value !== 'stalled')).toEqual(['before', 'mended', 'mended again']);
  });
});

describeKafka('the broker that the tests share', () => {
  test('answers, and is the same for all who ask', async () => {
    const [one, two] = await Promise.all([testBroker(), testBroker()]);
    expect(two).toBe(one);
    const topic = freshPrefix();
    expect(topic).not.toBe(freshPrefix());
    await withAdmin(clientOf(one), async (admin) => {
      await admin.createTopics({ topics: [{ topic }] });
      expect(await admin.listTopics()).toContain(topic);
      await admin.deleteTopics({ topics: [topic] });
    });
  });
});
