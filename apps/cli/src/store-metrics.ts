import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Feed } from '#libs/feed';
import type { ShardLag } from '#libs/read-models';
import { estimatedEnd, type Job } from '#libs/replay';

/** The metrics of the log and the read models. */
export function registerMetrics(registry: Registry) {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'claimline_append_seconds',
    help: 'Time of one append to the log',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  const events = new Counter({
    name: 'claimline_events_appended_total',
    help: 'Events appended to the log',
    registers,
  });
  const duplicates = new Counter({
    name: 'claimline_duplicates_total',
    help: 'Repeats recognised',
    registers,
  });
  const projected = new Counter({
    name: 'claimline_events_projected_total',
    help: 'Events projected by this process',
    registers,
  });
  return {
    appended: (append: { events: number; duplicates: number; seconds: number }) => {
      seconds.observe(append.seconds);
      events.inc(append.events);
      duplicates.inc(append.duplicates);
    },
    projected: (count: number) => projected.inc(count),
    watchStopped(feed: Pick<Feed, 'stopped'>) {
      new Gauge({
        name: 'claimline_shard_stopped',
        help: '1 for a shard that is stuck, with the event that blocks it and the reason',
        labelNames: ['shard', 'event', 'reason'],
        registers,
        collect() {
          this.reset();
          for (const { shard, eventId = '', reason } of feed.stopped())
            this.labels(String(shard), eventId, reason.slice(0, 200)).set(1);
        },
      });
    },
    watchTrees(lag: () => Promise<ReadonlyMap<number, number>>) {
      new Gauge({
        name: 'claimline_tree_lag_events',
        help: 'Events that are not in a tree yet, so that they have no proof',
        labelNames: ['shard'],
        registers,
        async collect() {
          for (const [shard, events] of await lag()) this.labels(String(shard)).set(events);
        },
      });
    },
    watchLag(lag: () => Promise<ShardLag[]>) {
      const gauge = (name: string, help: string, value: (shard: ShardLag) => number) =>
        new Gauge({
          name,
          help,
          labelNames: ['shard'],
          registers,
          async collect() {
            for (const shard of await lag()) this.labels(String(shard.shard)).set(value(shard));
          },
        });
      gauge(
        'claimline_projection_lag_events',
        'Events that the read models are behind the log',
        (shard) => shard.lag.events,
      );
      gauge(
        'claimline_projection_lag_seconds',
        'Age of what the read models show, where they are behind',
        (shard) => shard.lag.seconds,
      );
    },
    watchReplays(open: () => Promise<Job[]>) {
      const gauge = (name: string, help: string, value: (job: Job) => number | null) =>
        new Gauge({
          name,
          help,
          labelNames: ['replay', 'kind', 'state'],
          registers,
          async collect() {
            this.reset();
            for (const job of await open()) {
              const now = value(job);
              if (now !== null) this.labels(job.id, job.kind, job.state).set(now);
            }
          },
        });
      gauge('claimline_replay_done', 'How much a run that has not ended has done', ({ done }) => done);
      gauge('claimline_replay_total', 'How much a run that has not ended has to do', ({ total }) => total);
      gauge('claimline_replay_rate', 'Recent rate of a run, per second', ({ rate }) => rate);
      gauge('claimline_replay_seconds_left', 'How long a run will still take at its recent rate', (job) => {
        const end = estimatedEnd(job);
        return end === null ? null : Math.max(0, (Date.parse(end) - Date.now()) / 1000);
      });
    },
  };
}
