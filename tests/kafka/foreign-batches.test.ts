import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { CompressionTypes, Partitioners, type Admin } from 'kafkajs';
import { readEvents } from '#libs/client';
import { PLAIN, startRunning, type Running } from '../api/running.js';
import { describeLibrdkafka, LibrdkafkaProducer } from '../support/kafka/librdkafka.js';
import { topicsAtHand, type TopicsAtHand } from './topics-at-hand.js';
import { createTopic, untilTrue } from '../support/kafka/watched-consumer.js';

const SHARDS = 16;

describeLibrdkafka('a service whose topics others have made, and send to', () => {
  let at: TopicsAtHand;
  let admin: Admin;
  let running: Running;
  const create = (topic: string, compression: string) =>
    createTopic(admin, {
      topic,
      numPartitions: SHARDS,
      configEntries: [{ name: 'compression.type', value: compression }],
    });

  beforeAll(async () => {
    at = await topicsAtHand();
    admin = at.kafka.admin();
    await admin.connect();
    await create(at.topics.statements, 'producer');
    await create(at.topics.events, 'zstd');
    running = await startRunning(at.env);
  }, 120_000);
  afterAll(async () => {
    await running?.stop();
    await admin?.disconnect();
    await at?.close();
  });

  const statement = () => ({
    ...PLAIN,
    statementId: randomUUID(),
    source: { outlet: 'a.example', quote: 'said by somebody '.repeat(40) },
  });
  const message = (partition: number, one: { statementId: string }) => ({
    topic: at.topics.statements,
    partition,
    value: JSON.stringify(one),
  });
  const isRecorded = async (id: string) => (await running.get(`/v1/statements/${id}`)).status === 200;
  const recorded = (id: string) => untilTrue(() => isRecorded(id));
  const open = (config: Record<string, string> = {}) => LibrdkafkaProducer.open(at.env.KAFKA_BROKERS, config);

  it('records statements in every codec, and projects events that the broker packs', async () => {
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      const [one, two] = [statement(), statement()];
      const producer = await open({ 'compression.type': codec, 'linger.ms': '200' });
      await producer.send(message(1, one), message(1, two));
      await producer.close();
      await recorded(one.statementId);
      await recorded(two.statementId);
    }
    const seen: string[] = [];
    for await (const { statementId } of readEvents({
      brokers: at.env.KAFKA_BROKERS.split(','),
      prefix: at.prefix,
      follow: false,
    }))
      if (statementId) seen.push(statementId);
    expect(seen).toHaveLength(10);
  }, 90_000);

  it('records nothing that was aborted, and has no lag for it', async () => {
    const [a, b] = await Promise.all(
      ['a', 'b'].map((name) => open({ 'transactional.id': `${at.prefix}-${name}` })),
    );
    const [aborted, also, committed] = [statement(), statement(), statement()];
    await a!.begin();
    await a!.send(message(4, aborted));
    await b!.begin();
    await b!.send(message(4, also));
    await b!.abort();
    await b!.begin();
    await b!.send(message(4, committed));
    await b!.commit();
    await a!.abort();
    await recorded(committed.statementId);
    await Promise.all([a!.close(), b!.close()]);
    const lag = new RegExp(
      `claimline_consumer_lag_messages\\{group="${at.prefix}.recorder",partition="4"\\} 0\\n`,
    );
    await untilTrue(async () => lag.test((await running.get('/metrics')).text));
    expect([await isRecorded(aborted.statementId), await isRecorded(also.statementId)]).toEqual([
      false,
      false,
    ]);
  }, 60_000);

  it('names what it cannot read, and records the other partitions', async () => {
    const producer = at.kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await producer.connect();
    const { topic } = message(2, statement());
    await producer.send({
      topic,
      compression: CompressionTypes.GZIP,
      messages: [{ partition: 2, value: Buffer.alloc(33 * 1024 * 1024, ' ') }],
    });
    await producer.disconnect();
    await untilTrue(async () => (await running.get('/readyz')).status === 503);
    expect((await running.get('/readyz')).json.detail).toContain(
      `recorder: topic ${topic}, partition 2, offset 0 cannot be read: unpacked (gzip) it would be larger than`,
    );
    expect((await running.get('/metrics')).text).toContain(
      `claimline_unreadable_offset{group="${at.prefix}.recorder",topic="${topic}",partition="2"} 0`,
    );
    const [behind, elsewhere] = [statement(), statement()];
    await at.send({ ...message(2, behind) }, { ...message(3, elsewhere) });
    await recorded(elsewhere.statementId);
    expect(await isRecorded(behind.statementId)).toBe(false);
    await admin.fetchTopicMetadata({ topics: [topic] });
    await admin.deleteTopicRecords({ topic, partitions: [{ partition: 2, offset: '1' }] });
    await recorded(behind.statementId);
    await untilTrue(async () => (await running.get('/readyz')).status === 200);
    expect((await running.get('/metrics')).text).not.toContain('claimline_unreadable_offset{');
  }, 60_000);

  it('starts over with a statements topic that was recreated', async () => {
    const [first, last] = [statement(), statement()];
    await admin.deleteTopics({ topics: [at.topics.statements] });
    await create(at.topics.statements, 'zstd');
    const producer = await open({ 'compression.type': 'snappy' });
    await producer.send(
      message(1, first),
      ...Array.from({ length: 20 }, () => message(1, statement())),
      message(1, last),
    );
    await producer.close();
    await recorded(first.statementId);
    await recorded(last.statementId);
    await untilTrue(async () => (await running.get('/readyz')).status === 200);
  }, 90_000);
});
