import type { Kafka } from 'kafkajs';
import type { Topics } from './topics.js';

const MEBIBYTE = 1024 * 1024;
const FOR_EVER = '-1';
const MONTH_MS = String(30 * 24 * 60 * 60 * 1000);

/**
 * Makes the topics that are missing, each with as many partitions as the store has shards. A dead letter is a message with
 * more headers: its topic takes larger ones than that of the statements. What is recorded need not stay among the
 * statements; events and dead letters stay.
 * @throws TopicMismatch where a topic has another number of partitions
 */
export async function ensureTopics(kafka: Kafka, { statements, events, deadLetters }: Topics, shards: number): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const wanted = [
      // Stored uncompressed, whatever producers send: kafkajs reads gzip only, and a small message cannot turn out huge.
      { topic: statements, retentionMs: MONTH_MS, bytes: MEBIBYTE + 12_000, compression: 'uncompressed' },
      { topic: events, retentionMs: FOR_EVER, bytes: 8 * MEBIBYTE, compression: 'producer' },
      { topic: deadLetters, retentionMs: FOR_EVER, bytes: 2 * MEBIBYTE, compression: 'producer' },
    ];
    const present = new Set(await admin.listTopics());
    const missing = wanted.filter(({ topic }) => !present.has(topic));
    if (missing.length > 0)
      await admin.createTopics({
        topics: missing.map(({ topic, retentionMs, bytes, compression }) => ({
          topic,
          numPartitions: shards,
          configEntries: [
            { name: 'retention.ms', value: retentionMs },
            { name: 'retention.bytes', value: FOR_EVER },
            { name: 'cleanup.policy', value: 'delete' },
            { name: 'compression.type', value: compression },
            { name: 'max.message.bytes', value: String(bytes) },
          ],
        })),
      });
    const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) });
    const wrong = topics.filter(({ partitions }) => partitions.length !== shards);
    if (wrong.length > 0) throw new TopicMismatch(wrong.map(({ name, partitions }) => ({ name, partitions: partitions.length })), shards);
  } finally {
    await admin.disconnect();
  }
}

export class TopicMismatch extends Error {
  override name = 'TopicMismatch';

  constructor(topics: readonly { name: string; partitions: number }[], shards: number) {
    const told = topics.map(({ name, partitions }) => `topic ${name} has ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`).join(', ');
    super(`${told}, but the store has ${shards} shards: a partition is a shard. Give this store topics of its own (KAFKA_PREFIX), or delete the topic and start again`);
  }
}
