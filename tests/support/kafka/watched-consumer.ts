import type { Admin, ITopicConfig, Kafka, KafkaMessage } from 'kafkajs';
import { consume, type UnreadableBatch } from '#libs/messaging';

/** A consumer in a group, and all that it receives. */
export class WatchedConsumer {
  readonly seen: { partition: number; offset: string; value: string | undefined; message: KafkaMessage }[] =
    [];
  readonly errors: Error[] = [];
  unreadable: readonly UnreadableBatch[] = [];
  /** Awaited before each batch is done with. */
  gate: () => Promise<void> = async () => {};
  private readonly ending = new AbortController();
  private readonly running: Promise<void>;

  constructor(kafka: Kafka, topic: string, groupId: string) {
    this.running = consume(
      kafka,
      {
        topic,
        groupId,
        concurrency: 4,
        onBatch: async ({ partition, messages }) => {
          for (const message of messages)
            this.seen.push({ partition, offset: message.offset, value: message.value?.toString(), message });
          await this.gate();
          return { upTo: messages.at(-1)!.offset };
        },
        onUnreadable: (now) => (this.unreadable = now),
        onError: (error) => this.errors.push(error as Error),
      },
      this.ending.signal,
    );
  }

  get values(): (string | undefined)[] {
    return this.seen.map(({ value }) => value);
  }

  async stop(): Promise<void> {
    this.ending.abort();
    await this.running;
  }
}

/** Resolves when it is so. */
export async function untilTrue(what: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await what())) await new Promise((resolve) => setTimeout(resolve, 25));
}

/** Resolves when the brokers know it: kafkajs' own waiting fails where they need a moment for that. */
export async function createTopic(admin: Admin, topic: ITopicConfig): Promise<void> {
  await untilTrue(() => admin.createTopics({ topics: [topic], waitForLeaders: false }));
  await untilTrue(() =>
    admin.fetchTopicOffsets(topic.topic).then(
      () => true,
      () => false,
    ),
  );
}
