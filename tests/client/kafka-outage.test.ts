import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kafka, Partitioners, type Admin, type Producer } from 'kafkajs';
import { createProducer, readEvents, type EventReader, type Producer as Sending } from '#libs/client';
import { headerOf, topicsOf } from '#libs/messaging';
import { startCluster, type Cluster } from '../support/kafka/cluster.js';
import { freePort } from '../support/kafka/ports.js';
import { TcpProxy } from '../support/kafka/tcp-proxy.js';
import { describeOwnKafka, freshPrefix } from '../support/kafka/test-broker.js';
import { said, upTo } from './said.js';
import { eventAt } from './topics.js';

const SHARDS = 2;
const COUNT = 450;

/** A broker of its own, whose clients reach it only through a network that fails. */
describeOwnKafka('a broker that comes and goes', () => {
  const prefix = freshPrefix();
  const topics = topicsOf(prefix);
  let folder: string;
  let cluster: Cluster;
  let proxy: TcpProxy;
  let direct: Kafka;
  let admin: Admin;
  let relay: Producer;

  beforeAll(async () => {
    folder = mkdtempSync(join(process.env.CLAIMLINE_TEST_TMP!, 'client-'));
    proxy = await TcpProxy.open(0);
    cluster = await startCluster({ folder, cutPorts: [proxy.port] });
    proxy.target = cluster.brokers[0]!.cutPort!;
    direct = new Kafka({ brokers: [cluster.bootstrap], logCreator: () => () => {} });
    admin = direct.admin();
    await admin.connect();
    await admin.createTopics({
      topics: [topics.statements, topics.events].map((topic) => ({
        topic,
        numPartitions: SHARDS,
        replicationFactor: 1,
      })),
    });
    relay = direct.producer({ createPartitioner: Partitioners.DefaultPartitioner });
    await relay.connect();
  }, 120_000);
  afterAll(async () => {
    await relay.disconnect();
    await admin.disconnect();
    await cluster.kill();
    await proxy.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const target = () => ({ brokers: [`127.0.0.1:${proxy.port}`], prefix, longestRestMs: 200 });

  /** The network is gone for longer than kafkajs tries, stalls for longer than a request may take, and breaks for a moment. */
  async function trouble(): Promise<void> {
    await sleep(500);
    await proxy.cut();
    await sleep(5000);
    await proxy.mend();
    await sleep(1500);
    proxy.stall();
    await sleep(6000);
    await proxy.mend();
    await sleep(500);
    await proxy.cut();
    await sleep(200);
    await proxy.mend();
  }

  test('no statement is lost and no command comes before its statement; no event is left out and none comes twice', async () => {
    const failures = { sending: 0, reading: 0 };
    const claimline = createProducer({ ...target(), lingerMs: 0, onRetry: () => void failures.sending++ });
    const reader = readEvents({ ...target(), onRetry: () => void failures.reading++ });
    const over = trouble();
    const [ids, came] = await Promise.all([produce(claimline), collect(reader), give()]);
    await over;
    await claimline.close();

    const firsts = await statements();
    expect([...firsts.keys()].toSorted()).toEqual(ids.toSorted());
    for (const [at, id] of ids.entries())
      expect(firsts.get(id)).toEqual([undefined, ...(at % 10 === 0 ? ['retract'] : [])]);
    for (const positions of came.values()) expect(positions).toEqual(upTo(COUNT).map((at) => at + 1));
    expect(failures.sending).toBeGreaterThan(0);
    expect(failures.reading).toBeGreaterThan(0);
  }, 90_000);

  async function produce(claimline: Sending): Promise<string[]> {
    const ids: string[] = [];
    for (const number of upTo(COUNT)) {
      const [id] = await claimline.produce(said(number));
      ids.push(id!);
      if (number % 10 === 0)
        await claimline.retract(id!, { statedAt: '2025-11-21', speaker: { party: 'russia' } });
      await sleep(30);
    }
    return ids;
  }

  async function give(): Promise<void> {
    for (const at of upTo(COUNT)) {
      await relay.send({
        topic: topics.events,
        messages: upTo(SHARDS).map((shard) => eventAt(shard, at + 1)),
      });
      await sleep(30);
    }
  }

  /** The positions of each shard, as they came. */
  async function collect(reader: EventReader): Promise<Map<number, number[]>> {
    const came = new Map<number, number[]>(upTo(SHARDS).map((shard) => [shard, []]));
    for await (const { shard, position } of reader) {
      came.get(shard)!.push(position);
      if ([...came.values()].every((positions) => positions.length >= COUNT)) break;
    }
    return came;
  }

  /** Of each key, the commands of its messages as they came first, in order. */
  async function statements(): Promise<Map<string, (string | undefined)[]>> {
    const offsets = await admin.fetchTopicOffsets(topics.statements);
    let left = offsets.reduce((sum, { high }) => sum + Number(high), 0);
    const found = new Map<string, (string | undefined)[]>();
    const consumer = direct.consumer({ groupId: `${prefix}.${await freePort()}` });
    await consumer.connect();
    await consumer.subscribe({ topic: topics.statements, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ message: { key, headers } }) => {
            const kinds = found.get(key!.toString()) ?? [];
            const kind = headerOf(headers, 'command');
            if (!kinds.includes(kind)) kinds.push(kind);
            found.set(key!.toString(), kinds);
            if (--left === 0) resolve();
          },
        })
        .catch(reject);
    });
    await consumer.disconnect();
    return found;
  }
});
