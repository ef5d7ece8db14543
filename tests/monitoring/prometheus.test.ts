import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { topicsAtHand, type TopicsAtHand } from '../kafka/topics-at-hand.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { freePort } from '../support/kafka/ports.js';
import { describeWith, pathOfProgram } from '../support/system-programs.js';
import { alertExpressions, dashboardExpressions, metricsIn } from './dashboard.js';

const OF_KAFKA =
  /^claimline_(relay|consumer|dead_letters|batch_messages|rebalances|unreadable|events_relayed)/;
/** Of the embedded database; these tests bring a server of their own. */
const OF_EMBEDDED = /^claimline_store_free_bytes$/;
/** They have no value while nothing is wrong, and nothing runs. */
const OFTEN_EMPTY =
  /store_free|shard_stopped|unreadable_offset|dead_letters|replay_|statements_refused|rebalances|batch_messages|relay|consumer_lag/;

const all = [...dashboardExpressions(), ...alertExpressions()];
const namesIn = (metrics: string) =>
  new Set([...metrics.matchAll(/^# TYPE (\S+)/gm)].map(([, name]) => name!));

function promtool(args: readonly string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync('promtool', args, { encoding: 'utf8', input });
  if (status !== 0) throw new Error(`promtool ${args.join(' ')}: ${error?.message ?? `${stdout}${stderr}`}`);
  return stdout;
}

describe('dashboard and alerts', () => {
  let running: Running;
  beforeAll(async () => {
    running = await startRunning();
    await running.record();
    await running.send('POST', '/v1/statements', {});
  });
  afterAll(() => running.stop());
  const metrics = async () => (await running.get('/metrics', { accept: 'text/plain' })).text;

  it('name only metrics that a service has', async () => {
    const served = namesIn(await metrics());
    expect(all.length).toBeGreaterThan(40);
    for (const { name, expression } of all) {
      const missing = metricsIn(expression).filter(
        (one) => !OF_KAFKA.test(one) && !OF_EMBEDDED.test(one) && !served.has(one),
      );
      expect([name, missing]).toEqual([name, []]);
    }
  });

  it('show each metric of the service, those of Node aside', async () => {
    const asked = new Set(all.flatMap(({ expression }) => metricsIn(expression)));
    const own = [...namesIn(await metrics())].filter((name) => name.startsWith('claimline_'));
    expect(own.filter((name) => !asked.has(name))).toEqual([]);
  });

  describeWith({ promtool: 'prometheus' })('as promtool sees them', () => {
    it('the metrics have proper names, types and helps', async () => {
      expect(promtool(['check', 'metrics'], await metrics())).toBe('');
    });

    it('the rules and the configuration are valid', () => {
      const rules = alertExpressions().length;
      expect(promtool(['check', 'rules', 'docs/prometheus/alerts.yml'])).toContain(`${rules} rules found`);
      expect(promtool(['check', 'config', 'docs/prometheus/prometheus.yml'])).toContain('SUCCESS');
    });

    it('each rule fires when it should', () => {
      expect(promtool(['test', 'rules', 'tests/monitoring/alerts-test.yml'])).toContain('SUCCESS');
      const tests = readFileSync('tests/monitoring/alerts-test.yml', 'utf8');
      for (const { name } of alertExpressions()) expect(tests).toContain(`alertname: ${name}`);
    });
  });

  describeWith({ prometheus: 'prometheus' })('in Prometheus', () => {
    let prometheus: ChildProcess;
    let url: string;
    beforeAll(async () => {
      const folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'prometheus-'));
      const configuration = readFileSync('docs/prometheus/prometheus.yml', 'utf8')
        .replaceAll('15s', '1s')
        .replace('alerts.yml', resolve('docs/prometheus/alerts.yml'))
        .replace('127.0.0.1:3000', new URL(running.url).host);
      writeFileSync(join(folder, 'prometheus.yml'), configuration);
      const port = await freePort();
      url = `http://127.0.0.1:${port}`;
      prometheus = spawn(
        pathOfProgram('prometheus')!,
        [
          `--config.file=${join(folder, 'prometheus.yml')}`,
          `--storage.tsdb.path=${join(folder, 'data')}`,
          `--web.listen-address=127.0.0.1:${port}`,
        ],
        { stdio: 'ignore' },
      );
    });
    afterAll(async () => {
      const ended = once(prometheus, 'exit');
      prometheus.kill('SIGTERM');
      await ended;
    });

    interface Answer<T> {
      status: string;
      error?: string;
      data: T;
    }
    const ask = async <T>(path: string): Promise<Answer<T>> =>
      (await (await fetch(`${url}${path}`)).json()) as Answer<T>;
    const query = (expression: string) =>
      ask<{ result: unknown[] }>(`/api/v1/query?query=${encodeURIComponent(expression)}`);

    it('every panel has an answer, every rule is evaluated, and no alarm is false', async () => {
      // Rates need two samples and more.
      for (const deadline = Date.now() + 60_000; ; await sleep(250)) {
        const { data } = await query(
          'min_over_time(count_over_time(up{job="claimline"}[1m])[5s:1s]) > 4',
        ).catch(() => ({ data: { result: [] } }));
        if (data.result.length > 0) break;
        if (Date.now() > deadline) throw new Error('Prometheus does not scrape the service');
      }
      for (const { name, expression } of all) {
        const { status, error } = await query(expression);
        expect([name, status, error]).toEqual([name, 'success', undefined]);
      }
      for (const { name, expression } of dashboardExpressions()) {
        const { data } = await query(expression);
        if (!OFTEN_EMPTY.test(expression)) expect([name, expression, data.result.length]).not.toContain(0);
      }
      const { data } = await ask<{ groups: { rules: Record<string, unknown>[] }[] }>('/api/v1/rules');
      const rules = data.groups.flatMap((group) => group.rules);
      expect(rules).toHaveLength(alertExpressions().length);
      for (const { name, health, state, lastError } of rules)
        expect([name, health, state, lastError]).toEqual([
          name,
          'ok',
          expect.stringMatching(/inactive|pending/),
          undefined,
        ]);
    }, 120_000);
  });
});

describeKafka('dashboard and alerts, with Kafka', () => {
  let at: TopicsAtHand;
  let running: Running;
  beforeAll(async () => {
    at = await topicsAtHand();
    running = await startRunning(at.env);
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await at?.close();
  });

  it('name only metrics that a service has, and show each of them', async () => {
    await at.send(PLAIN);
    const served = namesIn((await running.get('/metrics', { accept: 'text/plain' })).text);
    const asked = all.flatMap(({ expression }) => metricsIn(expression));
    expect(asked.filter((name) => !OF_EMBEDDED.test(name) && !served.has(name))).toEqual([]);
    expect([...served].filter((name) => name.startsWith('claimline_') && !asked.includes(name))).toEqual([]);
  });

  describeWith({ promtool: 'prometheus' })('as promtool sees them', () => {
    it('the metrics have proper names, types and helps', async () => {
      const { text } = await running.get('/metrics', { accept: 'text/plain' });
      expect(promtool(['check', 'metrics'], text)).toBe('');
    });
  });
});
