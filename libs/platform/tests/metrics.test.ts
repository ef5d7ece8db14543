import { expect, test } from '@jest/globals';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { createMetrics } from '../src/metrics.js';

/** The registry of a process that works on the same whole. */
function filled<R extends Registry>(registry: R, count: number): R {
  const registers = [registry];
  new Counter({ name: 'events', help: 'Counted by each', registers }).inc(count);
  new Gauge({ name: 'lag', help: 'The same for all', labelNames: ['shard'], registers })
    .labels('0')
    .set(count);
  new Histogram({ name: 'seconds', help: 'Observed by each', buckets: [1], registers }).observe(0.5);
  return registry;
}

test('metrics of another process are included: counts are added, gauges of the whole are not', async () => {
  const metrics = filled(createMetrics(), 2);
  const other = filled(createMetrics({ part: 'projector' }), 5);
  new Gauge({ name: 'stuck', help: 'Of the other alone', registers: [other] }).set(NaN);
  metrics.include(() => other.getMetricsAsJSON());
  const lines = (await metrics.metrics()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'events 7',
      'lag{shard="0"} 2',
      'seconds_bucket{le="1"} 2',
      'seconds_count 2',
      'stuck Nan',
      '# TYPE seconds histogram',
    ]),
  );
  const resident = lines.filter((line) => line.startsWith('process_resident_memory_bytes'));
  expect(resident.map((line) => line.split(' ')[0])).toEqual([
    'process_resident_memory_bytes',
    'process_resident_memory_bytes{part="projector"}',
  ]);
  // A process alone shows the same.
  const names = async (registry: Registry) =>
    new Set([...(await registry.metrics()).matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name));
  expect(await names(metrics)).toEqual((await names(filled(createMetrics(), 2))).add('stuck'));
});

test('metrics whose values cannot be had are left out, and keep no other back', async () => {
  const registry = filled(createMetrics(), 2);
  const gauge = (name: string, collect: (this: Gauge) => Promise<void>) =>
    new Gauge({ name, help: 'Asked of a database', registers: [registry], collect });
  let isAway = true;
  gauge('refused', async function () {
    if (isAway) throw new Error('the database is away');
    this.set(7);
  });
  gauge('silent', function () {
    return isAway ? new Promise<void>(() => {}) : Promise.resolve(this.set(8));
  });
  const lines = async () => (await registry.metrics()).split('\n');
  const away = await lines();
  expect(away).toEqual(expect.arrayContaining(['events 2', 'lag{shard="0"} 2', 'seconds_count 1']));
  expect(away.filter((line) => /refused|silent/.test(line))).toEqual([]);
  const whole = createMetrics();
  whole.include(() => registry.getMetricsAsJSON());
  expect(await whole.metrics()).toContain('events 2');
  isAway = false;
  expect(await lines()).toEqual(expect.arrayContaining(['refused 7', 'silent 8', 'events 2']));
});
