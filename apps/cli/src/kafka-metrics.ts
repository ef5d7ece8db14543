import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Relay } from '#libs/feed';
import type { IntakeBatch } from '#libs/intake';

const MESSAGES = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1000, 2000];

/** What the parts that work with Kafka measure. */
export function registerKafkaMetrics(registry: Registry) {
  const registers = [registry];
  const lag = new Gauge({ name: 'claimline_consumer_lag_messages', help: 'Messages that a group has not handled yet, of the partitions of this process', labelNames: ['group', 'partition'], registers });
  const sizes = new Histogram({ name: 'claimline_batch_messages', help: 'Messages of a batch', labelNames: ['group'], buckets: MESSAGES, registers });
  const rebalances = new Counter({ name: 'claimline_rebalances_total', help: 'Times that a group shared its partitions out', labelNames: ['group'], registers });
  const dead = new Counter({ name: 'claimline_dead_letters_total', help: 'Messages that could not be recorded, by code', labelNames: ['code'], registers });
  const relayed = new Counter({ name: 'claimline_events_relayed_total', help: 'Events that the broker has acknowledged', registers });
  const leads = new Gauge({ name: 'claimline_relay_leads', help: '1 where the relay of this process leads', registers });
  const batch = (group: string, { partition, messages, behind }: { partition: number; messages: number; behind: number }) => {
    lag.labels(group, String(partition)).set(Math.max(0, behind));
    sizes.labels(group).observe(messages);
  };
  return {
    batch,
    assigned(group: string, _partitions: readonly number[]) {
      // What others have now they tell of.
      lag.reset();
      rebalances.labels(group).inc();
    },
    intake(group: string, taken: IntakeBatch) {
      batch(group, taken);
      for (const code of taken.dead) dead.labels(code).inc();
    },
    relayed: (events: number) => relayed.inc(events),
    leads: (now: boolean) => leads.set(now ? 1 : 0),
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
