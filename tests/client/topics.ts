import { Kafka, Partitioners, type Admin, type KafkaMessage, type Message } from 'kafkajs';
import { eventMessage, sourceOf, topicsOf, type Topics } from '#libs/messaging';
import { freshPrefix, testBroker } from '../support/kafka/test-broker.js';

export const STORE = sourceOf('0f000000-0000-4000-8000-00000000000a');

/** The topics of a test of its own, each with as many partitions, and who puts messages into them and looks what is there. */
export class TestTopics {
  private constructor(
    readonly brokers: string[],
    readonly prefix: string,
    readonly topics: Topics,
    private readonly kafka: Kafka,
    readonly admin: Admin,
  ) {}

  static async create(partitions: number): Promise<TestTopics> {
    const brokers = (await testBroker()).split(',');
    const prefix = freshPrefix();
    const topics = topicsOf(prefix);
    const kafka = new Kafka({
      brokers,
      logCreator: () => () => {},
      retry: { retries: 20, initialRetryTime: 50, maxRetryTime: 500 },
    });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [topics.statements, topics.events].map((topic) => ({
        topic,
        numPartitions: partitions,
        replicationFactor: 1,
      })),
    });
    return new TestTopics(brokers, prefix, topics, kafka, admin);
  }

  get target(): { brokers: string[]; prefix: string } {
    return { brokers: this.brokers, prefix: this.prefix };
  }

  async send(topic: string, messages: Message[]): Promise<void> {
    const producer = this.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    await producer.send({ topic, messages });
    await producer.disconnect();
  }

  async count(topic: string): Promise<number> {
    return (await this.admin.fetchTopicOffsets(topic)).reduce(
      (sum, { high, low }) => sum + Number(high) - Number(low),
      0,
    );
  }

  /** Whatever the topic holds now, each partition in its order. */
  async all(topic: string): Promise<(KafkaMessage & { partition: number })[]> {
    const count = await this.count(topic);
    const messages: (KafkaMessage & { partition: number })[] = [];
    if (count === 0) return messages;
    const consumer = this.kafka.consumer({
      groupId: `${this.prefix}.look.${messages.length}.${Math.random()}`,
      maxWaitTimeInMs: 100,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message, partition }: { message: KafkaMessage; partition: number }) => {
        messages.push({ ...message, partition });
        if (messages.length === count) resolve();
      };
      consumer.run({ eachMessage, autoCommit: false }).catch(reject);
    });
    await consumer.disconnect();
    return messages;
  }

  /** The groups that are left under the prefix. */
  async groups(): Promise<string[]> {
    return (await this.admin.listGroups()).groups
      .map(({ groupId }) => groupId)
      .filter((id) => id.startsWith(this.prefix) && !id.includes('.look.'));
  }

  async close(): Promise<void> {
    await this.admin.deleteTopics({ topics: [this.topics.statements, this.topics.events] });
    await this.admin.disconnect();
  }
}

/** A made-up event of the log as the relay sends it. */
export function eventAt(
  shard: number,
  position: number,
  {
    source = STORE,
    type = 'claim.asserted',
    digest = 'ab',
  }: { source?: string; type?: string; digest?: string } = {},
): Message {
  const eventId = `0f000000-0000-4000-8000-${String(shard).padStart(4, '0')}${String(position).padStart(8, '0')}`;
  const event = { eventId, type, schemaVersion: 1, stream: `place-${shard}`, statementId: eventId, data: {} };
  return eventMessage(
    {
      shard,
      position,
      recordedAt: '2025-11-20T08:00:00.000Z',
      eventId,
      type,
      stream: event.stream,
      digest,
      body: JSON.stringify(event),
    },
    source,
  );
}
