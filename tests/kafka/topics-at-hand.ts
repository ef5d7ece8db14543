import { Kafka, logLevel, Partitioners, type KafkaMessage, type Message } from 'kafkajs';
import { headerOf, readToEnd, topicsOf } from '#libs/messaging';
import { freshPrefix, testBroker } from '../support/kafka/test-broker.js';

/** A message as a test looks at it. */
export interface Seen {
  partition: number;
  offset: string;
  key: string | null;
  value: string | null;
  headers: Record<string, string>;
}

/** Topics of its own, as a worker and a reader outside the service have them. */
export async function topicsAtHand(prefix = freshPrefix()) {
  const brokers = await testBroker();
  const kafka = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
  const topics = topicsOf(prefix);
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  const all = async (topic: string): Promise<Seen[]> => {
    const seen: Seen[] = [];
    await readToEnd(
      kafka,
      topic,
      new Map(),
      async ({ partition, messages }) =>
        void seen.push(...messages.map((message) => shown(partition, message))),
      new AbortController().signal,
    );
    return seen;
  };
  return {
    kafka,
    prefix,
    topics,
    /** For a service that works on them. */
    env: { KAFKA_BROKERS: brokers, KAFKA_PREFIX: prefix },
    send: (...messages: (Message | object)[]) =>
      producer.send({
        topic: topics.statements,
        acks: -1,
        messages: messages.map((one) => ('value' in one ? one : { value: JSON.stringify(one) })),
      }),
    /** Everything that a topic holds now. */
    all,
    /** The same, as soon as it holds so much. */
    async until(topic: string, enough: (seen: Seen[]) => boolean): Promise<Seen[]> {
      // A topic that was just made may have no leader yet, as seen by those who ask.
      const look = () =>
        all(topic).catch((error: { retriable?: boolean }) =>
          error.retriable ? [] : Promise.reject(error as Error),
        );
      for (let seen = await look(); ; seen = await look()) {
        if (enough(seen)) return seen;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    close: () => producer.disconnect(),
  };
}

export type TopicsAtHand = Awaited<ReturnType<typeof topicsAtHand>>;

const shown = (partition: number, { key, value, headers, offset }: KafkaMessage): Seen => ({
  partition,
  offset,
  key: key?.toString() ?? null,
  value: value?.toString() ?? null,
  headers: Object.fromEntries(Object.keys(headers ?? {}).map((name) => [name, headerOf(headers, name)!])),
});
