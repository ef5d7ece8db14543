import { setTimeout as sleep } from 'node:timers/promises';
import { AggregatorRegistry, collectDefaultMetrics, Registry } from 'prom-client';

/** What a registry of another process holds, as it says itself. */
export type ReadMetrics = () => Promise<Awaited<ReturnType<Registry['getMetricsAsJSON']>>>;

/** How long a metric may take whose values are asked for elsewhere, in milliseconds; Prometheus waits for ten seconds. */
const MAX_COLLECT_MS = 2000;

/**
 * The metrics of this process, and of those that it has started for parts of the service. One whose values cannot be had, because
 * the database is away, is left out: the others are answered all the same.
 */
export class ServiceMetrics extends Registry {
  private readonly others: ReadMetrics[] = [];

  /** Adds those of another process. A gauge that both have, of the same labels, is this process's; counts are added up. */
  include(read: ReadMetrics): void {
    this.others.push(read);
  }

  override async getMetricsAsJSON(): ReturnType<ReadMetrics> {
    const late = sleep(MAX_COLLECT_MS, undefined, { ref: false }).then(() => {
      throw new Error('it takes too long');
    });
    const asked = this.getMetricsAsArray().map(({ name }) => this.getSingleMetric(name)!.get());
    const read = await Promise.allSettled(asked.map((values) => Promise.race([values, late])));
    return read.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  }

  override async metrics(): Promise<string> {
    const all = await Promise.all([this.getMetricsAsJSON(), ...this.others.map((read) => read())]);
    // The types of prom-client have a number where a metric says `gauge`.
    const merged = all.map((metrics) =>
      metrics.map((metric) => ({ ...metric, aggregator: isGauge(metric) ? 'first' : 'sum' })),
    );
    return AggregatorRegistry.aggregate(merged).metrics();
  }
}

const isGauge = ({ type }: { type: unknown }): boolean => type === 'gauge';

/** Gauges with the name of a counter, which Prometheus objects to; each is the sum of one that stays. */
const MISNAMED = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/**
 * A registry of its own (nothing global, so that two services fit in one process), with the metrics of the
 * process: CPU, memory, event loop lag, garbage collection.
 * @param labels of the metrics of the process
 */
export function createMetrics(labels: Record<string, string> = {}): ServiceMetrics {
  const register = new ServiceMetrics();
  collectDefaultMetrics({ register, labels });
  for (const name of MISNAMED) register.removeSingleMetric(name);
  return register;
}
