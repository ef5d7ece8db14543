import { Partitioners, type Kafka, type Message } from 'kafkajs';
import { createKafka, createLogger, readSettings } from '#libs/platform';
import { ensureTopics, topicsOf, type Topics } from '#libs/messaging';
import { startCluster } from '../../support/kafka/cluster.js';
import { SHARDS } from '../statements.js';

/** One Kafka broker for the bench, with its data on the disk of the ground. */
export interface BenchBroker {
  /** A client as the service makes one. */
  kafka: Kafka;
  bootstrap: string;
  /** New and empty topics, as the service makes them. */
  topics(): Promise<BenchTopics>;
  stop(): Promise<void>;
}

export interface BenchTopics extends Topics {
  /** The environment with which a process of the service works on them. */
  env: { KAFKA_BROKERS: string; KAFKA_PREFIX: string };
  /** A name for a consumer group that nobody has used. */
  freshGroup(): string;
  drop(): Promise<void>;
}

export async function startBenchBroker(folder: string): Promise<BenchBroker> {
  const cluster = await startCluster({ folder });
  const kafka = createKafka(
    readSettings({ KAFKA_BROKERS: cluster.bootstrap }).kafka!,
    createLogger('error', 'stderr'),
  );
  let serial = 0;
  return {
    kafka,
    bootstrap: cluster.bootstrap,
    async topics() {
      const prefix = `bench-${(serial += 1)}`;
      const topics = topicsOf(prefix);
      await ensureTopics(kafka, topics, SHARDS);
      let groups = 0;
      return {
        ...topics,
        env: { KAFKA_BROKERS: cluster.bootstrap, KAFKA_PREFIX: prefix },
        freshGroup: () => `${prefix}.group-${(groups += 1)}`,
        async drop() {
          const admin = kafka.admin();
          await admin.connect();
          await admin.deleteTopics({ topics: Object.values(topics) });
          await admin.disconnect();
        },
      };
    },
    stop: () => cluster.stop(),
  };
}

/** Sends messages in batches of this size, with the settings of the service's own producer. */
export async function produce(kafka: Kafka, topic: string, batches: Iterable<Message[]>): Promise<void> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  for (const messages of batches) await producer.send({ topic, acks: -1, messages });
  await producer.disconnect();
}

/** Cuts a list into batches. */
export function* batchesOf<T>(items: readonly T[], most: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += most) yield items.slice(at, at + most);
}
