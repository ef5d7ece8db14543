import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { readToEnd, Sender } from '#libs/wire';
import { startCluster } from '../support/kafka/cluster.js';
import { describeOwnKafka } from '../support/kafka/test-broker.js';

const topic = 'moved';
const PARTITIONS = 12;

const messages = (round: string) => Array.from({ length: PARTITIONS }, (_, partition) => ({ partition, value: `${round} ${partition}` }));

describeOwnKafka('partitions that other brokers come to lead', () => {
  test('what is acknowledged while a producer does not know it is in the topic, whole', async () => {
    const cluster = await startCluster({ folder: join(process.env.CLAIMLINE_TEST_TMP!, `leader-change-${process.pid}`), brokers: 3, heapMb: 320 });
    const kafka = new Kafka({ brokers: cluster.bootstrap.split(','), logLevel: logLevel.NOTHING });
    const sender = new Sender(kafka);
    const admin = kafka.admin();
    try {
      await admin.connect();
      await admin.createTopics({ topics: [{ topic, numPartitions: PARTITIONS, replicationFactor: 2 }], waitForLeaders: true });
      await sender.send(topic, messages('before'));
      // Broker 2 refuses its messages now. The others have accepted theirs when the producer learns that these are for them, too.
      const partitionAssignment = messages('').map(({ partition }) => ({ partition, replicas: partition % 2 === 0 ? [1, 3] : [3, 1] }));
      await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
      while ((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]!.partitions.some(({ leader, replicas }) => leader === 2 || replicas.includes(2))) await sleep(50);
      for (let acknowledged = false; !acknowledged; ) {
        acknowledged = await sender.send(topic, messages('after')).then(() => true, () => false);
      }
      const found = new Set<string>();
      await readToEnd(kafka, topic, new Map(), async (batch) => batch.messages.forEach(({ value }) => found.add(value!.toString())), AbortSignal.timeout(30_000));
      expect([...found].sort()).toEqual([...messages('before'), ...messages('after')].map(({ value }) => value).sort());
    } finally {
      await Promise.all([sender.close(), admin.disconnect()]);
      await cluster.kill();
    }
  }, 60_000);
});
