import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { migrate, EventStore } from '#libs/log';
import { verify } from '#libs/transparency';
import { createPool, linesOf } from '#libs/platform';
import { exportLog, restoreLog } from '#libs/transfer';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { freshDatabase, type TestDatabase } from '../support/database.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { topicsAtHand, type Seen, type TopicsAtHand } from './topics-at-hand.js';

// docs/operations.md, "Back up, restore": by export, with Kafka.
describeKafka('a store with Kafka, exported and restored into another one', () => {
  const close: (() => Promise<unknown>)[] = [];
  let before: { at: TopicsAtHand; running: Running };
  let after: { at: TopicsAtHand; running: Running };
  let database: TestDatabase;
  const statements = Array.from({ length: 60 }, (_, n) => ({
    ...PLAIN,
    statementId: randomUUID(),
    stance: n % 4 === 0 ? 'deny' : 'assert',
    location: { name: `Backed up ${n % 9}` },
    speaker: { party: n % 3 === 0 ? 'ukraine' : 'russia', name: `Speaker ${n % 5}` },
    statedAt: `2025-11-${String(1 + (n % 25)).padStart(2, '0')}`,
    ...(n % 6 === 0 && { source: { outlet: 'a.example', quote: `It was said, ${n}` } }),
  }));

  beforeAll(async () => {
    const at = await topicsAtHand();
    close.push(() => at.close());
    const running = await startRunning(at.env);
    close.push(() => running.stop());
    before = { at, running };
    await at.send(...statements);
    await untilState(
      running,
      '/v1/statements?limit=500',
      (json) => (json as { items: object[] }).items.length === statements.length,
    );
    await at.send({
      value: JSON.stringify({ statementId: statements[7]!.statementId, reason: 'by mistake', by: 'desk' }),
      headers: { command: 'void' },
    });
    await untilState(
      running,
      `/v1/statements/${statements[7]!.statementId}`,
      (json) => (json as { voided: object | null }).voided !== null,
    );
    const { json } = await running.send('POST', '/v1/locations', {
      id: 'backed-up',
      names: [{ name: 'Backed up town' }],
      coordinates: [37.6, 49.7],
      country: 'UA',
    });
    const merged = await running.send('POST', `/v1/locations/${await placeOf(running, 0)}/merge`, {
      into: 'backed-up',
    });
    expect([json.locationId, merged.status]).toEqual(['backed-up', 201]);
    await running.send('DELETE', `/v1/statements/${statements[6]!.statementId}/quote`, { by: 'court' });
    await caughtUp(running);
  }, 120_000);
  afterAll(async () => {
    for (const one of close.toReversed()) await one();
  });

  async function untilState(
    running: Running,
    path: string,
    wanted: (json: unknown) => boolean,
  ): Promise<void> {
    for (;;) {
      const { status, json } = await running.get(path);
      if (status === 200 && wanted(json)) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  /** Until the recorder has taken everything that the statements topic holds. */
  async function untilTaken({ kafka, prefix, topics }: TopicsAtHand): Promise<void> {
    const admin = kafka.admin();
    await admin.connect();
    for (;;) {
      const ends = new Map(
        (await admin.fetchTopicOffsets(topics.statements)).map(({ partition, high }) => [
          partition,
          Number(high),
        ]),
      );
      const [group] = await admin.fetchOffsets({
        groupId: `${prefix}.recorder`,
        topics: [topics.statements],
      });
      if (
        group!.partitions.every(
          ({ partition, offset }) => Number(offset) >= ends.get(partition)! || ends.get(partition) === 0,
        )
      )
        break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    await admin.disconnect();
  }
  const caughtUp = (running: Running) =>
    untilState(running, '/v1/projections', (json) =>
      (json as { items: { checkpoint: number; head: number }[] }).items.every(
        ({ checkpoint, head }) => checkpoint === head,
      ),
    );
  const placeOf = async (running: Running, at: number): Promise<string> =>
    ((await running.get(`/v1/statements/${statements[at]!.statementId}`)).json as { locationId: string })
      .locationId;
  const heads = ({ service }: Running) => service.app.get(EventStore).heads();
  const total = async (running: Running) =>
    (await heads(running)).reduce((sum, { position }) => sum + position, 0);
  /** What readers of a topic take from it: the first occurrence of each position. */
  const byId = (seen: readonly Seen[]) =>
    Object.fromEntries(
      seen
        .toReversed()
        .map(({ partition, key, value, headers }) => [
          `${headers.shard}:${headers.position}`,
          { partition, key, value, headers },
        ]),
    );
  const answers = (running: Running) =>
    Promise.all(
      [
        '/v1/locations?limit=500',
        '/v1/locations?limit=500&asOf=2025-11-12',
        '/v1/statements?limit=500',
        '/v1/locations/backed-up/timeline',
        '/v1/locations/backed-up/history',
        '/v1/events?limit=500',
      ].map(async (path) => (await running.get(path)).json as object),
    );

  it('is exported beside the running service, and restored into an empty database', async () => {
    const { pieces } = await exportLog(before.running.service.app.get(EventStore));
    async function* bytes() {
      for await (const { text } of pieces) yield Buffer.from(text);
    }
    database = await freshDatabase(migrate, 'log');
    close.push(() => database.drop());
    const pool = createPool(database.url, { max: 4 });
    const restored = await restoreLog(pool, linesOf(bytes(), 1024 * 1024));
    await pool.end();
    expect(restored).toEqual({
      storeId: before.running.service.app.get(EventStore).id,
      restored: await total(before.running),
      already: 0,
    });
  }, 60_000);

  it('serves the same under a new prefix: the relay fills the events topic, and the states are equal', async () => {
    const at = await topicsAtHand();
    close.push(() => at.close());
    const running = await startRunning({ ...at.env, DATABASE_URL: database.url });
    close.push(() => running.stop());
    after = { at, running };
    // The projector reads the events from the new topic alone.
    await caughtUp(running);
    const events = await total(before.running);
    const seen = await at.until(at.topics.events, (all) => Object.keys(byId(all)).length >= events);
    expect(byId(seen)).toEqual(byId(await before.at.all(before.at.topics.events)));
    expect(await answers(running)).toEqual(await answers(before.running));
    expect(await heads(running)).toEqual(await heads(before.running));
    expect((await verify(running.service.app.get(EventStore))).faults).toEqual([]);
  }, 120_000);

  it('recognises statements that come again, and records those that were not recorded yet', async () => {
    const late = { ...statements[1]!, statementId: randomUUID(), location: { name: 'Said after the copy' } };
    const seen = new Map(
      (await before.at.all(before.at.topics.statements)).map((one) => [
        `${one.partition}:${one.offset}`,
        one,
      ]),
    );
    const messages = [...seen.values()].map(({ key, value, headers }) => ({ key, value, headers }));
    const known = await total(after.running);
    expect(new Set(messages.map(({ value }) => value)).size).toBe(statements.length + 1);
    await after.at.send(...messages, late);
    await untilTaken(after.at);
    await untilState(after.running, `/v1/statements/${late.statementId}`, () => true);
    expect(await total(after.running)).toBe(known + 1);
    expect(await after.at.all(after.at.topics.deadLetters)).toEqual([]);
  }, 60_000);
});
