import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { UnreadableBatch } from './consumer/unreadable-batches.js';

const MESSAGES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000];

/** The metrics of the groups that consume topics. */
export class ConsumerMetrics {
  private readonly sizes: Histogram;
  private readonly rebalances: Counter;
  private readonly unreadableOf = new Map<string, readonly UnreadableBatch[]>();

  constructor(private readonly registry: Registry) {
    const registers = [registry];
    this.sizes = new Histogram({
      name: 'claimline_batch_messages',
      help: 'Messages of a batch',
      labelNames: ['group'],
      buckets: MESSAGES,
      registers,
    });
    this.rebalances = new Counter({
      name: 'claimline_rebalances_total',
      help: 'Times that a group assigned its partitions again',
      labelNames: ['group'],
      registers,
    });
    const { unreadableOf } = this;
    new Gauge({
      name: 'claimline_unreadable_offset',
      help: 'First offset of a batch that cannot be read, if there is one',
      labelNames: ['group', 'topic', 'partition'],
      registers,
      collect() {
        this.reset();
        for (const [group, batches] of unreadableOf)
          for (const { topic, partition, offset } of batches)
            this.labels(group, topic, String(partition)).set(Number(offset));
      },
    });
  }

  assigned(group: string): void {
    this.rebalances.labels(group).inc();
  }

  batch(group: string, messages: number): void {
    this.sizes.labels(group).observe(messages);
  }

  unreadable(group: string, now: readonly UnreadableBatch[]): void {
    this.unreadableOf.set(group, now);
  }

  /**
   * @param lagOf messages of each partition of a topic that a group has not handled
   * @param topics by the group that consumes each
   */
  watchLag(
    lagOf: (group: string, topic: string) => Promise<ReadonlyMap<number, number>>,
    topics: Readonly<Record<string, string>>,
  ): void {
    new Gauge({
      name: 'claimline_consumer_lag_messages',
      help: 'Messages that a group has not handled yet',
      labelNames: ['group', 'partition'],
      registers: [this.registry],
      async collect() {
        this.reset();
        // Without the broker these have no values; the other metrics are answered all the same.
        const told = Object.entries(topics).map(
          async ([group, topic]) =>
            [group, await lagOf(group, topic).catch(() => new Map<number, number>())] as const,
        );
        for (const [group, lags] of await Promise.all(told))
          for (const [partition, lag] of lags) this.labels(group, String(partition)).set(lag);
      },
    });
  }
}
