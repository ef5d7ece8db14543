import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Relay } from '#libs/feed';
import type { BrokerLink } from '#libs/platform';
import type { UnreadableBatch } from '#libs/wire';

const MESSAGES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000];

/** The metrics of the parts that work with Kafka. */
export function registerKafkaMetrics(registry: Registry) {
  const registers = [registry];
  const sizes = new Histogram({
    name: 'claimline_batch_messages',
    help: 'Messages of a batch',
    labelNames: ['group'],
    buckets: MESSAGES,
    registers,
  });
  const rebalances = new Counter({
    name: 'claimline_rebalances_total',
    help: 'Times that a group assigned its partitions again',
    labelNames: ['group'],
    registers,
  });
  const dead = new Counter({
    name: 'claimline_dead_letters_total',
    help: 'Messages that could not be recorded, by code',
    labelNames: ['code'],
    registers,
  });
  const relayed = new Counter({
    name: 'claimline_events_relayed_total',
    help: 'Events that the broker has acknowledged',
    registers,
  });
  const leads = new Gauge({
    name: 'claimline_relay_leads',
    help: '1 while the relay of this process leads',
    registers,
  });
  const unreadable = new Map<string, readonly UnreadableBatch[]>();
  new Gauge({
    name: 'claimline_unreadable_offset',
    help: 'First offset of a batch that cannot be read, if there is one',
    labelNames: ['group', 'topic', 'partition'],
    registers,
    collect() {
      this.reset();
      for (const [group, batches] of unreadable)
        for (const { topic, partition, offset } of batches)
          this.labels(group, topic, String(partition)).set(Number(offset));
    },
  });
  return {
    unreadable: (group: string, now: readonly UnreadableBatch[]) => unreadable.set(group, now),
    batch: (group: string, messages: number) => sizes.labels(group).observe(messages),
    assigned: (group: string) => rebalances.labels(group).inc(),
    dead: (code: string) => dead.labels(code).inc(),
    relayed: (events: number) => relayed.inc(events),
    leads: (now: boolean) => leads.set(now ? 1 : 0),
    /** @param topics by the group that consumes each */
    watchGroups(link: Pick<BrokerLink, 'lagOf'>, topics: Readonly<Record<string, string>>) {
      new Gauge({
        name: 'claimline_consumer_lag_messages',
        help: 'Messages that a group has not handled yet',
        labelNames: ['group', 'partition'],
        registers,
        async collect() {
          this.reset();
          // Without the broker these have no values; the other metrics are answered all the same.
          const asked = Object.entries(topics).map(
            async ([group, topic]) =>
              [group, await link.lagOf(group, topic).catch(() => new Map<number, number>())] as const,
          );
          for (const [group, lags] of await Promise.all(asked))
            for (const [partition, lag] of lags) this.labels(group, String(partition)).set(lag);
        },
      });
    },
    watchRelay(relay: Pick<Relay, 'lag'>) {
      new Gauge({
        name: 'claimline_relay_lag_events',
        help: 'Events that the topic does not have yet',
        labelNames: ['shard'],
        registers,
        async collect() {
          for (const [shard, events] of await relay.lag()) this.labels(String(shard)).set(events);
        },
      });
    },
  };
}
