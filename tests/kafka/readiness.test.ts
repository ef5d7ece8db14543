import { afterEach, expect, it } from '@jest/globals';
import pg from 'pg';
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

  /** The answers of /readyz until it is as wanted, or for longer than that may take; the last one is what it is by then. */
  async function untilReady(running: Running, wanted = 200) {
    for (const deadline = Date.now() + SOON_MS; ; await new Promise((resolve) => setTimeout(resolve, 100))) {
      const { status, json } = await running.get('/readyz');
      if (status === wanted || Date.now() > deadline) return { status, detail: json.detail as string | undefined };
    }
  }

  /** Cuts the connections of one part of the service, and says how many there were. */
  async function cut(running: Running, part: string): Promise<number> {
    const client = new pg.Client({ connectionString: running.databaseUrl });
    await client.connect();
    const { rowCount } = await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like $1', [`%${part}%`]);
    await client.end();
    return rowCount!;
  }

  it.each([1, 2, 3, 4, 5])('a fresh store with new topics is ready, and no event ever came (%i)', async () => {
    const running = await start();
    expect(await untilReady(running)).toEqual({ status: 200 });
    expect((await running.get('/metrics')).text).toContain('claimline_relay_leads 1');
  }, 60_000);

  it.each(['relay', 'project', 'claimline'])('connections to the database that were cut (%s) are made anew, and that is all', async (part) => {
    const running = await start();
    await untilReady(running);
    expect(await cut(running, part)).toBeGreaterThan(0);
    // What was lost is noticed at the next look; only what lasts is the matter here.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await untilReady(running)).toEqual({ status: 200 });
    expect((await running.get('/metrics')).text).toContain('claimline_relay_leads 1');
    await running.record({ location: { name: 'After the cut' } });
    expect(await untilReady(running)).toEqual({ status: 200 });
  }, 60_000);

  it('names the events topic while it is not there, or has other partitions, and is ready when it is as it was', async () => {
    const running = await start();
    await running.record({ location: { name: 'Before' } });
    const { kafka, topics } = running.service.foundation.broker!;
    const admin = kafka.admin();
    await admin.connect();
    closing.push(() => admin.disconnect());
    await untilReady(running);
    await admin.deleteTopics({ topics: [topics.events] });
    expect(await untilReady(running, 503)).toEqual({ status: 503, detail: expect.stringContaining(`relay: there is no topic ${topics.events}`) });
    await admin.createTopics({ topics: [{ topic: topics.events, numPartitions: 3 }] });
    for (let detail = ''; !detail.includes('has 3 partitions, but the store has 16 shards'); ) detail = (await untilReady(running, 503)).detail ?? '';
    await admin.deleteTopics({ topics: [topics.events] });
    while (!(await admin.createTopics({ topics: [{ topic: topics.events, numPartitions: 16 }] }).catch(() => false))) await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await untilReady(running)).toEqual({ status: 200 });
    await running.record({ location: { name: 'After' } });
  }, 60_000);
});
