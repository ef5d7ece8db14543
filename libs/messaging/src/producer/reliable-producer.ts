import type { Kafka, Message, Producer } from 'kafkajs';
import { AckTracker } from './ack-tracker.js';

const DISCONNECT_TIMEOUT_MS = 3000;

/**
 * Sends with acks=all, idempotently, one send after the other. A send that fails may have succeeded at the broker. The next
 * one then goes through a new producer: the old one does not know the result of its last batch, and the broker could take
 * the next batch for a repeat, and drop it.
 */
export class ReliableProducer {
  private producer: Promise<Producer> | undefined;
  private readonly acks = new AckTracker();
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly kafka: Kafka) {}

  /** Resolves when the brokers have acknowledged. @throws if they have not after a few seconds */
  send(topic: string, messages: Message[]): Promise<void> {
    const sent = this.turn.then(() => this.deliver(topic, messages));
    this.turn = sent.catch(() => {});
    return sent;
  }

  async close(): Promise<void> {
    const { producer } = this;
    this.producer = undefined;
    // Do not wait for the disconnect: a broker that is gone never answers it.
    const disconnected = producer?.then((one) => one.disconnect()).catch(() => {});
    if (disconnected)
      await Promise.race([
        disconnected,
        new Promise<void>((resolve) => setTimeout(resolve, DISCONNECT_TIMEOUT_MS).unref()),
      ]);
  }

  private async deliver(topic: string, messages: Message[]): Promise<void> {
    try {
      const producer = await (this.producer ??= this.connect());
      this.acks.check(messages, await producer.send({ topic, acks: -1, messages }));
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  private async connect(): Promise<Producer> {
    const producer = this.kafka.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      createPartitioner: this.acks.partitioner,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1000 },
    });
    await producer.connect();
    return producer;
  }
}
