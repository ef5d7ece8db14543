import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '#libs/platform';
import { TcpProxy } from '../support/kafka/tcp-proxy.js';
import { PLAIN, startRunning, type Answer, type Running } from './running.js';

const DEADLINE_MS = 60_000;
const closing: (() => Promise<unknown> | void)[] = [];
afterAll(async () => {
  for (const close of closing.toReversed()) await close();
}, 60_000);

async function until<T>(look: () => Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + DEADLINE_MS; Date.now() < end; await sleep(50)) {
    const found = await look().catch(() => undefined);
    if (found !== undefined) return found;
  }
  throw new Error('it did not come about in time');
}

async function ask<T extends pg.QueryResultRow>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<T>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** An asynchronous standby, by a base backup of a running server. */
async function standbyOf(primary: EmbeddedPostgres, from: string, to: string): Promise<EmbeddedPostgres> {
  const client = new pg.Client({ connectionString: primary.url });
  await client.connect();
  await client.query(`select pg_backup_start('a standby', true)`);
  execFileSync('cp', ['-a', from, to]);
  const { rows } = await client.query<{ labelfile: string }>('select labelfile from pg_backup_stop(false)');
  await client.end();
  const data = join(to, 'postgres');
  const { uid, gid } = statSync(data);
  const own = (name: string, text: string) => {
    writeFileSync(join(data, name), text, { mode: 0o600 });
    chownSync(join(data, name), uid, gid);
  };
  rmSync(join(data, 'postmaster.pid'), { force: true });
  own('backup_label', rows[0]!.labelfile);
  own('standby.signal', '');
  const { username, password, port } = new URL(primary.url);
  appendFileSync(
    join(data, 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${port} user=${username} password=${password}'\n`,
  );
  return startEmbeddedPostgres({ dataDir: to, durable: false });
}

const eventsOf = async (url: string) =>
  (await ask<{ count: number }>(url, 'select count(*)::int from claimline.events'))[0]!.count;

test('an asynchronous standby is promoted without the last ten events: a running service says so to whoever has read them', async () => {
  const folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'failover-'));
  const [first, second] = [join(folder, 'first'), join(folder, 'second')];
  for (const name of [folder, first]) mkdirSync(name, { recursive: true, mode: 0o755 });
  chmodSync(folder, 0o755);
  const primary = await startEmbeddedPostgres({ dataDir: first, durable: false });
  closing.push(() => primary.stop());
  const proxy = await TcpProxy.open(primary.port);
  closing.push(() => proxy.close());
  const address = new URL(primary.url);
  address.port = String(proxy.port);
  const running: Running = await startRunning({ DATABASE_URL: address.href, SHARDS: '1' });
  closing.push(() => running.stop());
  let recorded = 0;
  const record = async (): Promise<Answer> => {
    recorded += 1;
    const body = { ...PLAIN, speaker: { name: `Speaker ${recorded}`, party: 'russia' } };
    return until(async () => {
      const answer = await running.send('POST', '/v1/statements', body);
      return answer.status < 300 ? answer : undefined;
    });
  };
  let [kept, lost] = ['', ''];
  for (let at = 0; at < 30; at++) kept = (await record()).json.token as string;

  const standby = await standbyOf(primary, first, second);
  closing.push(() => standby.stop());
  await until(async () => ((await eventsOf(standby.url)) === 30 ? true : undefined));
  await ask(standby.url, `alter system set primary_conninfo = ''`);
  await ask(standby.url, 'select pg_reload_conf()');
  await until(async () =>
    (await ask(primary.url, 'select from pg_stat_replication')).length === 0 ? true : undefined,
  );
  for (let at = 0; at < 10; at++) lost = (await record()).json.token as string;
  expect(await eventsOf(standby.url)).toBe(30);

  await proxy.cut();
  await primary.stop();
  await ask(standby.url, 'select pg_promote()');
  proxy.target = standby.port;
  await proxy.mend();

  const statementIds: string[] = [];
  for (let at = 0; at < 15; at++) statementIds.push((await record()).json.statementId as string);
  const refused = await running.get(`/v1/events?after=${lost}`);
  expect(refused).toMatchObject({
    status: 409,
    json: { type: 'urn:claimline:problem:epoch-changed', token: expect.stringMatching(/^0:30~\d+$/) },
  });
  for (const token of [refused.json.token as string, kept]) {
    const { items } = (await running.get(`/v1/events?after=${token}&limit=100`)).json as {
      items: { statementId: string }[];
    };
    expect(items.map(({ statementId }) => statementId)).toEqual(statementIds);
  }
}, 240_000);
