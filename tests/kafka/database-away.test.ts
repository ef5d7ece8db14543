import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { createPool } from '#libs/platform';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { TcpProxy } from '../support/kafka/tcp-proxy.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { topicsAtHand, type TopicsAtHand } from './topics-at-hand.js';

describeKafka('the recorder, while the database is away', () => {
  let at: TopicsAtHand;
  let database: TestDatabase;
  let proxy: TcpProxy;
  let running: Running;
  beforeAll(async () => {
    at = await topicsAtHand();
    database = await freshDatabase();
    const url = new URL(database.url);
    proxy = await TcpProxy.open(Number(url.port));
    running = await startRunning({
      ...at.env,
      DATABASE_URL: Object.assign(new URL(url), { port: String(proxy.port) }).href,
    });
  }, 120_000);
  afterAll(async () => {
    await proxy?.mend();
    await running?.stop();
    await proxy?.close();
    await database?.drop();
    await at?.close();
  });

  const some = (count: number) =>
    Array.from({ length: count }, (_, n) => ({
      ...PLAIN,
      statementId: randomUUID(),
      location: { name: `Away ${n % 7}` },
    }));
  const count = async (ids: readonly string[]): Promise<number> => {
    const pool = createPool(database.url, { max: 1 });
    const { rows } = await pool.query<{ n: number }>(
      'select count(*)::int as n from claimline.statement_ids where id = any($1)',
      [ids],
    );
    await pool.end();
    return rows[0]!.n;
  };
  const untilRecorded = async (statements: readonly { statementId: string }[]) => {
    while ((await count(statements.map(({ statementId }) => statementId))) < statements.length)
      await new Promise((resolve) => setTimeout(resolve, 50));
  };

  it.each(['cut', 'stall'] as const)(
    'waits (%s), says so, and goes on; nothing goes to the dead letters for it',
    async (how) => {
      const before = some(30);
      await at.send(...before);
      await untilRecorded(before);
      await proxy[how]();
      const meanwhile = some(300);
      await at.send(...meanwhile);
      const waiting = async () => (await running.get('/readyz')).status === 503;
      while (!(await waiting())) await new Promise((resolve) => setTimeout(resolve, 100));
      // Longer than a session of the group: it is still its member, because its heartbeats continue.
      await new Promise((resolve) => setTimeout(resolve, 12_000));
      expect(await count(meanwhile.map(({ statementId }) => statementId))).toBe(0);
      await proxy.mend();
      await untilRecorded(meanwhile);
      while (await waiting()) await new Promise((resolve) => setTimeout(resolve, 100));
      expect(await at.all(at.topics.deadLetters)).toEqual([]);
      const { json } = await running.get('/v1/projections');
      expect((json.items as { head: number }[]).reduce((sum, { head }) => sum + head, 0)).toBe(
        how === 'cut' ? 330 : 660,
      );
    },
    120_000,
  );
});
