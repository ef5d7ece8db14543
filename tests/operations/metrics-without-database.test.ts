import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { AppModule } from '#apps/cli/src/app.module.js';
import { createLogger, readSettings } from '#libs/platform';
import { type Service, startService } from '#modules/service';
import { type Running, startRunning } from '../api/running.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { TcpProxy } from '../support/kafka/tcp-proxy.js';
import { addKey, fixedKey } from '../support/key-holders.js';

const MONITORING = fixedKey('c0ffee000001', 'Prometheus', ['operate']);
const READER = fixedKey('c0ffee000002', 'Reader', ['read']);
const bearer = ({ key }: { key: string }) => ({ authorization: `Bearer ${key}` });

let database: TestDatabase;
let proxy: TcpProxy;
let running: Running;
let projector: Service;
beforeEach(async () => {
  database = await freshDatabase();
  const url = new URL(database.url);
  proxy = await TcpProxy.open(Number(url.port || '5432'));
  url.hostname = '127.0.0.1';
  url.port = String(proxy.port);
  running = await startRunning({ DATABASE_URL: url.href });
  const parts = ['projector'] as const;
  const settings = readSettings({ DATABASE_URL: url.href, PORT: '0' });
  projector = await startService(AppModule.of(parts), parts, settings, createLogger('silent'));
}, 60_000);
afterEach(async () => {
  await proxy.mend();
  await projector.stop();
  await running.stop();
  await proxy.close();
  await database.drop();
}, 60_000);

interface Scraped {
  status: number;
  values: Map<string, string>;
}

async function scrape(base: string, headers: Record<string, string>): Promise<Scraped> {
  const answer = await fetch(`${base}/metrics`, { headers });
  const lines = (await answer.text()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return {
    status: answer.status,
    values: new Map(lines.map((line) => [/^\w+/.exec(line)?.[0] ?? '', line.split(' ').at(-1)!])),
  };
}

/** Looks until the database is as expected; each answer on the way is 200. */
async function untilUp(base: string, expected: '0' | '1', headers = {}): Promise<Scraped['values']> {
  for (const deadline = Date.now() + 60_000; ; await sleep(100)) {
    const { status, values } = await scrape(base, headers);
    expect(status).toBe(200);
    if (values.get('claimline_database_up') === expected) return values;
    if (Date.now() > deadline) throw new Error('claimline_database_up stays as it is');
  }
}

/** Nothing else is decided by keys that cannot be read. */
async function untilKeysAreOld(): Promise<void> {
  for (const deadline = Date.now() + 60_000; ; await sleep(100)) {
    const { status, json } = await running.get('/v1/session');
    if (status === 503) return expect(json.type).toBe('urn:claimline:problem:store-unavailable');
    if (Date.now() > deadline) throw new Error('keys are still read');
  }
}

const OF_DATABASE = ['claimline_projection_lag_events', 'claimline_tree_lag_events'];

it.each([
  ['refuses connections', () => proxy.cut()],
  ['is silent', async () => proxy.stall()],
])(
  'metrics are answered while the database %s, without those that are asked of it',
  async (_, fail) => {
    const bases = [running.url, projector.url];
    for (const base of bases) expect((await untilUp(base, '1')).has(OF_DATABASE[0]!)).toBe(true);
    await fail();
    await untilKeysAreOld();
    for (const base of bases) {
      const values = await untilUp(base, '0');
      expect(Number(values.get('process_cpu_seconds_total'))).toBeGreaterThan(0);
      expect(OF_DATABASE.filter((name) => values.has(name))).toEqual([]);
    }
    expect((await scrape(running.url, {})).values.has('claimline_http_request_seconds_count')).toBe(true);
    await proxy.mend();
    for (const base of bases) await untilUp(base, '1');
  },
  180_000,
);

it('then the keys that were read last decide who gets them', async () => {
  for (const key of [MONITORING, READER]) await addKey(running, key);
  const bases = [running.url, projector.url];
  for (const base of bases)
    for (
      const deadline = Date.now() + 60_000;
      (await scrape(base, bearer(READER))).status !== 403;
      await sleep(50)
    )
      if (Date.now() > deadline) throw new Error('the keys are not read');
  await proxy.cut();
  await untilKeysAreOld();
  for (const base of bases) {
    await untilUp(base, '0', bearer(MONITORING));
    const refused = [{}, bearer(READER), { authorization: 'Bearer another' }];
    const statuses = [];
    for (const headers of refused) statuses.push((await scrape(base, headers)).status);
    expect(statuses).toEqual([401, 403, 401]);
  }
}, 120_000);
