import type { Kafka } from 'kafkajs';
import type { Topics } from './topics.js';

const MEBIBYTE = 1024 * 1024;
const FOR_EVER = '-1';
const MONTH_MS = String(30 * 24 * 60 * 60 * 1000);

interface TopicPlan {
  topic: string;
  retentionMs: string;
  bytes: number;
  compression: string;
  /** The clock of a message's timestamp, used for look-up and deletion: the broker's where producers of all kinds send. */
  clock: 'LogAppendTime' | 'CreateTime';
}

const ofEvents = (topic: string): TopicPlan => ({
  topic,
  retentionMs: FOR_EVER,
  bytes: 8 * MEBIBYTE,
  compression: 'producer',
  clock: 'CreateTime',
});

/**
 * Creates missing topics, each with as many partitions as the store has shards. A dead letter is a message with more
 * headers, so its topic accepts larger ones than the statements topic. Recorded statements may be deleted from their topic;
 * events and dead letters stay.
 * @throws TopicMismatch where a topic has another number of partitions
 */
export async function ensureTopics(
  kafka: Kafka,
  { statements, events, deadLetters }: Topics,
  shards: number,
): Promise<void> {
  const wanted: TopicPlan[] = [
    // Stored uncompressed, whatever producers send, so that a small message cannot unpack to a huge one.
    {
      topic: statements,
      retentionMs: MONTH_MS,
      bytes: MEBIBYTE + 12_000,
      compression: 'uncompressed',
      clock: 'LogAppendTime',
    },
    ofEvents(events),
    {
      topic: deadLetters,
      retentionMs: FOR_EVER,
      bytes: 2 * MEBIBYTE,
      compression: 'producer',
      clock: 'LogAppendTime',
    },
  ];
  await ensure(
    kafka,
    wanted,
    shards,
    'Give this store topics of its own (KAFKA_PREFIX), or delete the topic and start again',
  );
}

/**
 * Creates the topic of a replay, like the events topic, where it is missing.
 * @throws TopicMismatch where it has another number of partitions
 */
export function ensureReplayTopic(kafka: Kafka, topic: string, shards: number): Promise<void> {
  return ensure(
    kafka,
    [ofEvents(topic)],
    shards,
    'Name another topic, or one that does not exist yet: it is created',
  );
}

/**
 * The error in the partitions of a topic for a replay; undefined where there is none, where the topic does not exist yet, and
 * where the broker does not answer at once: the send will find out.
 */
export async function faultOfPartitions(
  kafka: Kafka,
  topic: string,
  shards: number,
): Promise<string | undefined> {
  const admin = kafka.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    if (!(await admin.listTopics()).includes(topic)) return undefined;
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    const { length } = topics[0]!.partitions;
    return length === shards
      ? undefined
      : `must have ${shards} partitions, one for each shard, and has ${length}`;
  } catch {
    return undefined;
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

const TOPIC = /^(?!\.{1,2}$)(?!__)[a-zA-Z0-9._-]{1,249}$/;

/** The error in the name of a topic for a replay; undefined where there is none. @param own the topics of this store */
export function faultOfReplayTopic(topic: string, own: Topics): string | undefined {
  if (!TOPIC.test(topic))
    return 'must be the name of a topic: letters, digits, ".", "_" and "-", at most 249, not beginning with "__"';
  if (Object.values(own).includes(topic)) return `must not be ${topic}, a topic of the service itself`;
  return undefined;
}

async function ensure(
  kafka: Kafka,
  wanted: readonly TopicPlan[],
  shards: number,
  advice: string,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const present = new Set(await admin.listTopics());
    const missing = wanted.filter(({ topic }) => !present.has(topic));
    if (missing.length > 0)
      await admin.createTopics({
        topics: missing.map(({ topic, retentionMs, bytes, compression, clock }) => ({
          topic,
          numPartitions: shards,
          configEntries: [
            { name: 'retention.ms', value: retentionMs },
            { name: 'retention.bytes', value: FOR_EVER },
            { name: 'cleanup.policy', value: 'delete' },
            { name: 'compression.type', value: compression },
            { name: 'max.message.bytes', value: String(bytes) },
            { name: 'message.timestamp.type', value: clock },
          ],
        })),
      });
    const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) });
    const wrong = topics.filter(({ partitions }) => partitions.length !== shards);
    if (wrong.length > 0)
      throw new TopicMismatch(
        wrong.map(({ name, partitions }) => ({ name, partitions: partitions.length })),
        shards,
        advice,
      );
  } finally {
    await admin.disconnect();
  }
}

export class TopicMismatch extends Error {
  override name = 'TopicMismatch';

  constructor(topics: readonly { name: string; partitions: number }[], shards: number, advice: string) {
    const found = topics
      .map(
        ({ name, partitions }) =>
          `topic ${name} has ${partitions} ${partitions === 1 ? 'partition' : 'partitions'}`,
      )
      .join(', ');
    super(`${found}, but the store has ${shards} shards: a partition is a shard. ${advice}`);
  }
}
