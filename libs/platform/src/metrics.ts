import { collectDefaultMetrics, Registry } from 'prom-client';

/**
 * A registry of its own (nothing global, so that two services fit in one process), with the metrics of the
 * process: CPU, memory, event loop lag, garbage collection.
 */
export function createMetrics(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
