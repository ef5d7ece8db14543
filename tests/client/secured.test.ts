import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createProducer, NotSent, readEvents, type KafkaTarget } from '#libs/client';
import { topicsOf } from '#libs/messaging';
import { Kafka } from 'kafkajs';
import { describeOwnKafka, freshPrefix } from '../support/kafka/test-broker.js';
import { Authority, canMakeCertificates } from '../tls/certificates.js';
import { startSecuredKafka, USER, type SecuredKafka } from '../tls/secured-kafka.js';
import { failure, said, upTo } from './said.js';
import { eventAt } from './topics.js';

(canMakeCertificates() ? describeOwnKafka : describe.skip)('brokers that ask who is there', () => {
  const prefix = freshPrefix();
  let kafka: SecuredKafka;
  let target: KafkaTarget;
  beforeAll(async () => {
    const folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'client-tls-'));
    const authority = new Authority(folder, 'authority');
    kafka = await startSecuredKafka(
      join(folder, 'kafka'),
      authority.issue('broker', 'IP:127.0.0.1'),
      authority.ca,
    );
    target = {
      brokers: [kafka.saslSsl],
      prefix,
      ssl: { ca: readFileSync(authority.ca) },
      sasl: { mechanism: 'scram-sha-512', username: USER.name, password: USER.password },
    };
    const admin = new Kafka({ brokers: [kafka.cluster.bootstrap], logCreator: () => () => {} }).admin();
    await admin.connect();
    const { statements, events } = topicsOf(prefix);
    await admin.createTopics({ topics: [statements, events].map((topic) => ({ topic, numPartitions: 1 })) });
    await admin.disconnect();
  }, 60_000);
  afterAll(() => kafka?.cluster.kill());

  test('are given it, over TLS', async () => {
    const claimline = createProducer(target);
    await claimline.produce(said(1));
    await claimline.close();
    const relay = new Kafka({ brokers: [kafka.cluster.bootstrap], logCreator: () => () => {} }).producer();
    await relay.connect();
    await relay.send({ topic: topicsOf(prefix).events, messages: upTo(3).map((at) => eventAt(0, at + 1)) });
    await relay.disconnect();
    const positions: number[] = [];
    for await (const { position } of readEvents({ ...target, follow: false })) positions.push(position);
    expect(positions).toEqual([1, 2, 3]);
  });

  test('a wrong password is not tried again', async () => {
    const wrong: KafkaTarget = {
      ...target,
      sasl: { mechanism: 'scram-sha-512', username: USER.name, password: 'guessed' },
    };
    const tried: string[] = [];
    const claimline = createProducer({ ...wrong, onRetry: ({ message }) => void tried.push(message) });
    await claimline.produce(said(1));
    expect((await failure(NotSent, claimline.flush())).message).toContain(
      'SASL SCRAM SHA512 authentication failed',
    );
    await expect(
      readEvents({ ...wrong, onRetry: ({ message }) => void tried.push(message) }).next(),
    ).rejects.toThrow('authentication failed');
    expect(tried).toEqual([]);
  });
});
