import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka, KafkaMessage } from 'kafkajs';
import { readToEnd } from '#libs/messaging';

const TIMEOUT_MS = 60_000;

/** Reads a topic raw, each time from where it ended before. */
export class TopicReading {
  private next = new Map<number, number>();

  constructor(
    private readonly kafka: Kafka,
    readonly topic: string,
  ) {}

  /** From the first message on, next time. */
  rewind(): void {
    this.next = new Map();
  }

  async read(onMessage: (message: KafkaMessage, partition: number) => void): Promise<void> {
    for (const deadline = Date.now() + TIMEOUT_MS; ; await sleep(200)) {
      try {
        return await readToEnd(
          this.kafka,
          this.topic,
          this.next,
          async ({ partition, messages }) => {
            for (const message of messages) {
              // A reader that has to start over gets some again.
              if (Number(message.offset) < (this.next.get(partition) ?? 0)) continue;
              this.next.set(partition, Number(message.offset) + 1);
              onMessage(message, partition);
            }
          },
          AbortSignal.timeout(TIMEOUT_MS),
        );
      } catch (error) {
        // A broker that has just come back may not answer everything yet.
        if (Date.now() > deadline) throw error;
      }
    }
  }
}
