import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createProducer, readEvents, type EventReader } from '#libs/client';
import { startRunning, type Running } from '../api/running.js';
import { describeKafka, freshPrefix, testBroker } from '../support/kafka/test-broker.js';
import { said, upTo } from './said.js';

describeKafka('the client and the whole of the service', () => {
  let running: Running;
  let kafka: { brokers: string[]; prefix: string };
  beforeAll(async () => {
    kafka = { brokers: (await testBroker()).split(','), prefix: freshPrefix() };
    running = await startRunning({ KAFKA_BROKERS: kafka.brokers.join(','), KAFKA_PREFIX: kafka.prefix });
  }, 120_000);
  afterAll(() => running?.stop());

  /** As many as are wanted, by their ids. */
  async function first(reader: EventReader, count: number): Promise<string[]> {
    const ids: string[] = [];
    for await (const { eventId } of reader) if (ids.push(eventId) === count) break;
    return ids;
  }

  test('what goes in by one way or the other comes out by both, and a token of one is good for the other', async () => {
    const over = { http: { url: running.url }, kafka };
    const producers = [createProducer(over.kafka), createProducer(over.http)];
    // Both send all of them: each is recorded once.
    for (const claimline of producers) {
      const ids = await claimline.produce(upTo(100).map((number) => said(number)));
      for (const id of ids.slice(0, 10))
        await claimline.retract(id, { statedAt: '2025-11-21', speaker: { party: 'russia' } });
    }
    await Promise.all(producers.map((claimline) => claimline.close()));

    const byKafka = await first(readEvents(over.kafka), 110);
    const byHttp = await first(readEvents({ ...over.http, follow: false }), Infinity);
    expect(byHttp).toHaveLength(110);
    expect(byKafka.toSorted()).toEqual(byHttp.toSorted());

    for (const [from, to] of [
      [over.http, over.kafka],
      [over.kafka, over.http],
    ] as const) {
      const reader = readEvents({ ...from, follow: false });
      const before = await first(reader, 40);
      const after = await first(readEvents({ ...to, follow: false, after: reader.token }), Infinity);
      expect([...before, ...after].toSorted()).toEqual(byHttp.toSorted());
    }
  });
});
