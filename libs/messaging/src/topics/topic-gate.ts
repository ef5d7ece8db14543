import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka } from 'kafkajs';
import { clockWarnings } from './topic-clock.js';
import { ensureTopics, TopicMismatch } from './topic-setup.js';
import type { Topics } from './topics.js';

const RETRY_MS = 1000;

/** Those who read or send begin when the topics are there. */
export class TopicGate {
  private open!: () => void;
  private readonly opened = new Promise<void>((resolve) => (this.open = resolve));
  private awaited = false;

  constructor(
    private readonly kafka: Kafka,
    private readonly topics: Topics,
    private readonly shards: number,
    private readonly log: { warn(fields: object | string, message?: string): void },
  ) {}

  /** Resolves once the topics are there. */
  pass(): Promise<void> {
    this.awaited = true;
    return this.opened;
  }

  /**
   * Where somebody waits: waits until the broker is there, and sees that it has the topics.
   * @throws TopicMismatch; the signal's reason
   */
  async prepare(signal?: AbortSignal): Promise<void> {
    if (!this.awaited) return;
    for (let warned = false; ; warned = true) {
      signal?.throwIfAborted();
      try {
        await ensureTopics(this.kafka, this.topics, this.shards);
        break;
      } catch (error) {
        if (error instanceof TopicMismatch) throw error;
        if (!warned) this.log.warn({ err: error }, 'the broker is away; waiting for it');
        await sleep(RETRY_MS, undefined, { signal });
      }
    }
    // Some brokers do not permit the look-up.
    for (const warning of await clockWarnings(this.kafka, this.topics).catch(() => []))
      this.log.warn(warning);
    this.open();
  }
}
