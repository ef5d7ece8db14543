import { afterEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { BROKER, type Broker } from '#modules/messaging';
import { startRunning, type Running } from '../api/running.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { topicsAtHand } from './topics-at-hand.js';

const SOON_MS = 8000;

describeKafka('/readyz says what is the case, without an event that brings it to mind', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  async function start(): Promise<Running & { prefix: string }> {
    const at = await topicsAtHand();
    closing.push(() => at.close());
    const running = await startRunning(at.env);
    closing.push(() => running.stop());
    return { ...running, prefix: at.prefix };
  }

  /** The answer of /readyz when it is 200, or what it still is when that should be over. */
  async function untilReady(running: Running) {
    for (const deadline = Date.now() + SOON_MS; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const { status, json } = await running.get('/readyz');
      if (status === 200 || Date.now() > deadline)
        return { status, detail: json.detail as string | undefined };
    }
  }

  /** Until /readyz names this. */
  async function untilNamed(running: Running, text: string): Promise<void> {
    while (!(await running.get('/readyz')).text.includes(text))
      await new Promise((resolve) => setTimeout(resolve, 100));
  }

  /** Cuts the connections of one part of the service, and says how many there were. */
  async function cut(running: Running, part: string): Promise<number> {
    const client = new pg.Client({ connectionString: running.databaseUrl });
    await client.connect();
    const { rowCount } = await client.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like $1',
      [`%${part}%`],
    );
    await client.end();
    return rowCount!;
  }

  it.each([1, 2, 3, 4, 5])(
    'a fresh store with new topics is ready, and no event ever came (%i)',
    async () => {
      const running = await start();
      expect(await untilReady(running)).toEqual({ status: 200 });
      expect((await running.get('/metrics')).text).toContain('claimline_relay_leads 1');
    },
    60_000,
  );

  it.each(['relay', 'project', 'claimline'])(
    'connections to the database that were cut (%s) are made anew, and that is all',
    async (part) => {
      const running = await start();
      await untilReady(running);
      expect(await cut(running, part)).toBeGreaterThan(0);
      // What was lost is noticed at the next look; only what lasts is the matter here.
      await new Promise((resolve) => setTimeout(resolve, 1500));
      expect(await untilReady(running)).toEqual({ status: 200 });
      expect((await running.get('/metrics')).text).toContain('claimline_relay_leads 1');
      await running.record({ location: { name: 'After the cut' } });
      expect(await untilReady(running)).toEqual({ status: 200 });
    },
    60_000,
  );

  it('names the events topic while it is not there, or has other partitions, and is ready when it is as it was', async () => {
    const running = await start();
    await running.record({ location: { name: 'Before' } });
    const { kafka, topics } = running.service.app.get<Broker>(BROKER);
    const admin = kafka.admin();
    await admin.connect();
    closing.push(() => admin.disconnect());
    await untilReady(running);
    await admin.deleteTopics({ topics: [topics.events] });
    await untilNamed(running, `relay: there is no topic ${topics.events}`);
    await admin.createTopics({ topics: [{ topic: topics.events, numPartitions: 3 }] });
    await untilNamed(running, `topic ${topics.events} has 3 partitions, but the store has 16 shards`);
    await admin.deleteTopics({ topics: [topics.events] });
    while (
      !(await admin
        .createTopics({ topics: [{ topic: topics.events, numPartitions: 16 }] })
        .catch(() => false))
    )
      await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await untilReady(running)).toEqual({ status: 200 });
    await running.record({ location: { name: 'After' } });
  }, 60_000);
});
