import { afterEach, describe, expect, it } from '@jest/globals';
import { CompressionTypes, ConfigResourceTypes, Partitioners, type Admin } from 'kafkajs';
import type { PlacedEvent } from '#libs/domain';
import { KafkaFeed, Relay, type StoppedShard } from '#libs/feed';
import { createKafka, createLogger, readSettings } from '#libs/platform';
import {
  ensureTopics,
  eventMessage,
  ReliableProducer,
  sourceOf,
  topicsOf,
  TopicMismatch,
  type StoredBody,
} from '#libs/messaging';
import { describeKafka, freshPrefix, testBroker } from '../../../tests/support/kafka/test-broker.js';
import { feedContract, RecordingSubscriber, until, type FeedUnderTest } from './feed-contract.js';
import { openLog, SHARDS } from './opened-log.js';

const silent = createLogger('silent');
const pauseOf = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const kafkaAt = async () => createKafka(readSettings({ KAFKA_BROKERS: await testBroker() }).kafka!, silent);

/** A log with topics of its own. */
async function openTopics() {
  const kafka = await kafkaAt();
  const log = await openLog();
  const prefix = freshPrefix();
  const topics = topicsOf(prefix);
  await ensureTopics(kafka, topics, SHARDS);
  const errors: FeedUnderTest['errors'] = [];
  const source = sourceOf(log.store.id);
  const newFeed = (groupId = `${prefix}.projector`) =>
    new KafkaFeed(kafka, log.pool, {
      topic: topics.events,
      groupId,
      source,
      onError: (error, shards) => errors.push({ error, shards: shards.map(({ shard }) => shard) }),
    });
  return { ...log, kafka, prefix, topics, errors, source, newFeed };
}

/** The same with a relay that is at work. */
async function openFeed(): Promise<FeedUnderTest & Awaited<ReturnType<typeof openTopics>>> {
  const opened = await openTopics();
  const stopping = new AbortController();
  const relaying = new Relay(opened.pool, opened.kafka, {
    topic: opened.topics.events,
    source: opened.source,
  }).run(stopping.signal);
  return {
    ...opened,
    feed: opened.newFeed(),
    close: async () => {
      stopping.abort();
      await relaying;
      await opened.close();
    },
  };
}

describeKafka('the feed of Kafka', () => {
  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  }, 60_000);

  feedContract(openFeed);

  /** Runs a feed until it is stopped, or the test file ends. */
  function start(feed: KafkaFeed, subscriber: RecordingSubscriber) {
    const stopping = new AbortController();
    const running = feed.run(subscriber, stopping.signal);
    const stop = async () => {
      stopping.abort();
      await running;
    };
    closing.push(stop);
    return { stop, stopped: () => feed.stopped() };
  }

  /** Until the topic has been given these positions. */
  async function relayed(admin: Admin, topic: string, ends: Record<number, number>): Promise<void> {
    const enough = async () =>
      (await admin.fetchTopicOffsets(topic)).every(
        ({ partition, high }) => Number(high) >= (ends[partition] ?? 0),
      );
    while (!(await enough().catch(() => false))) await pauseOf(50);
  }

  /** Runs a feed until a condition holds of what it has delivered. */
  async function gather(
    feed: KafkaFeed,
    reached: Map<number, number>,
    enough: (events: PlacedEvent[]) => boolean,
  ): Promise<PlacedEvent[]> {
    const events: PlacedEvent[] = [];
    const stopping = new AbortController();
    await feed.run(
      {
        checkpoints: async () => new Map(reached),
        handle: async (batch) => {
          for (const event of batch) {
            if (event.position <= (reached.get(event.shard) ?? 0)) continue;
            reached.set(event.shard, event.position);
            events.push(event);
          }
          if (enough(events)) stopping.abort();
        },
      },
      stopping.signal,
    );
    return events;
  }

  it('gives the events as they were recorded, and each once to a group that resumes', async () => {
    const { newFeed, append, store, close } = await openFeed();
    closing.push(close);
    await append({ 0: 3, 1: 2 });
    const reached = new Map<number, number>();
    const events = await gather(newFeed(), reached, ({ length }) => length === 5);
    const recorded = [...(await store.readShard(0, 0, 10)), ...(await store.readShard(1, 0, 10))];
    expect(events.toSorted((a, b) => a.shard - b.shard || a.position - b.position)).toEqual(
      recorded.map(({ chain: _chain, ...event }) => event),
    );
    await append({ 0: 1 });
    expect(
      (await gather(newFeed(), reached, ({ length }) => length === 1)).map(({ position }) => position),
    ).toEqual([4]);
  }, 60_000);

  it('reads from the store what the group was given and the subscriber does not have', async () => {
    const { newFeed, append, close } = await openFeed();
    closing.push(close);
    await append({ 2: 5 });
    await gather(newFeed(), new Map(), ({ length }) => length === 5);
    // A read model restored from before: nothing new comes, and it is filled in all the same.
    const again = await gather(newFeed(), new Map([[2, 2]]), ({ length }) => length === 3);
    expect(again.map(({ position }) => position)).toEqual([3, 4, 5]);
  }, 60_000);

  it('skips nothing where the relay has repeated itself', async () => {
    const { newFeed, append, pool, kafka, topics, source, close } = await openTopics();
    closing.push(close);
    await append({ 0: 6 });
    const { rows } = await pool.query<StoredBody>(
      `select shard, position::int as position, recorded_at::text as "recordedAt", event_id as "eventId", type, stream,
              encode(digest, 'hex') as digest, body from claimline.events order by position`,
    );
    const producer = new ReliableProducer(kafka);
    for (const [from, to] of [
      [1, 3],
      [2, 4],
      [1, 2],
      [4, 6],
    ] as const)
      await producer.send(
        topics.events,
        rows.slice(from - 1, to).map((row) => eventMessage(row, source)),
      );
    await producer.close();
    const events = await gather(newFeed(), new Map(), ({ length }) => length === 6);
    expect(events.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);
  }, 60_000);

  it('names a shard whose partition holds events of another store, and reads what the store has of it', async () => {
    const { newFeed, append, pool, kafka, topics, source, close } = await openTopics();
    closing.push(close);
    await append({ 0: 1, 1: 1 });
    const { rows } = await pool.query<StoredBody>(
      `select shard, position::int as position, recorded_at::text as "recordedAt", event_id as "eventId", type, stream,
              encode(digest, 'hex') as digest, body from claimline.events order by shard`,
    );
    const producer = new ReliableProducer(kafka);
    await producer.send(topics.events, [
      eventMessage(rows[0]!, sourceOf('00000000-0000-4000-8000-000000000000')),
      eventMessage(rows[1]!, source),
    ]);
    await producer.close();
    const reason = new RegExp(`holds events of another store: urn:claimline:store:00000000-.*KAFKA_PREFIX`);
    const keeper = new RecordingSubscriber();
    const feed = start(newFeed(), keeper);
    await keeper.until(2);
    await append({ 0: 2 });
    await keeper.until(4);
    // It is still there.
    await until(() => feed.stopped().length > 0);
    expect(feed.stopped()).toEqual([
      { shard: 0, position: 1, eventId: rows[0]!.eventId, reason: expect.stringMatching(reason) },
    ]);
  }, 60_000);

  describe('where the topic does not give what the store has', () => {
    /** A service that was projecting all there was, and topics that a relay fills. */
    async function projecting() {
      const opened = await openFeed();
      closing.push(opened.close);
      await opened.append({ 0: 4, 1: 4 });
      const keeper = new RecordingSubscriber();
      const feed = start(opened.newFeed(), keeper);
      await keeper.until(8);
      const admin = opened.kafka.admin();
      await admin.connect();
      closing.push(() => admin.disconnect());
      return { ...opened, keeper, running: feed, admin };
    }
    const ready = (feed: { stopped: () => StoppedShard[] }) => until(() => feed.stopped().length === 0);
    const empty = async (admin: Admin, topic: string) => {
      await admin.fetchTopicOffsets(topic);
      await admin.deleteTopicRecords({
        topic,
        partitions: [0, 1].map((partition) => ({ partition, offset: '-1' })),
      });
    };

    it('for nobody gives it: it is read from the store, and named while it is lacking', async () => {
      const { newFeed, append, topics, close } = await openTopics();
      closing.push(close);
      await append({ 0: 2500, 3: 1 });
      const keeper = new RecordingSubscriber();
      const feed = start(newFeed(), keeper);
      const named: StoppedShard[] = [];
      keeper.fail = () => {
        named.push(...feed.stopped());
        return undefined;
      };
      await keeper.until(2501);
      expect(named).toContainEqual({
        shard: 0,
        reason: `the topic has no more (topic ${topics.events}, partition 0, offset 0); events after position 0 are read from the store`,
      });
      await ready(feed);
      // What comes later, too, and soon.
      await append({ 1: 1 });
      await keeper.until(2502);
      await ready(feed);
    }, 60_000);

    it('for it was emptied before it was read', async () => {
      const { newFeed, append, admin, topics, keeper, running } = await projecting();
      await running.stop();
      await append({ 0: 3, 1: 1 });
      await relayed(admin, topics.events, { 0: 7, 1: 5 });
      await empty(admin, topics.events);
      start(newFeed(), keeper);
      await keeper.until(12);
      // And then continues with the topic.
      await append({ 0: 1 });
      await keeper.until(13);
    }, 60_000);

    it('for it was deleted, or recreated and is shorter than it was, while it was read', async () => {
      const { append, admin, topics, keeper, kafka } = await projecting();
      await admin.deleteTopics({ topics: [topics.events] });
      await append({ 0: 2, 2: 1 });
      await keeper.until(11);
      while (
        !(await ensureTopics(kafka, topics, SHARDS).then(
          () => true,
          () => false,
        ))
      )
        await pauseOf(50);
      await append({ 0: 1, 1: 1 });
      await keeper.until(13);
      await relayed(admin, topics.events, { 0: 7, 1: 5 });
    }, 60_000);

    it('for the group stands beyond it', async () => {
      const { newFeed, append, admin, topics, keeper, running, prefix } = await projecting();
      await running.stop();
      await append({ 0: 3 });
      await relayed(admin, topics.events, { 0: 7 });
      await admin.setOffsets({
        groupId: `${prefix}.projector`,
        topic: topics.events,
        partitions: [{ partition: 0, offset: '7' }],
      });
      start(newFeed(), keeper);
      await keeper.until(11);
    }, 60_000);

    it('or not as it was: an administrator has it compressed, and puts that back', async () => {
      const { append, admin, topics, keeper, running } = await projecting();
      let count = 8;
      for (const codec of ['zstd', 'snappy', 'lz4', 'gzip', 'producer']) {
        await admin.alterConfigs({
          validateOnly: false,
          resources: [
            {
              type: ConfigResourceTypes.TOPIC,
              name: topics.events,
              configEntries: [{ name: 'compression.type', value: codec }],
            },
          ],
        });
        await append({ 0: 20, 1: 1 });
        await keeper.until((count += 21));
      }
      expect(running.stopped()).toEqual([]);
    }, 60_000);

    it('for a batch in it cannot be read: named at once, read from the store, and then the topic continues behind it', async () => {
      const { append, admin, topics, kafka, keeper, running, prefix } = await projecting();
      await ready(running);
      const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      // Too large to be unpacked, and small as it is sent.
      const messages = [{ partition: 1, value: Buffer.alloc(33 * 1024 * 1024, 'a') }];
      await producer.send({ topic: topics.events, compression: CompressionTypes.GZIP, messages });
      await producer.disconnect();
      await until(() => running.stopped().length > 0);
      const named = `topic ${topics.events}, partition 1, offset 4 cannot be read: unpacked`;
      expect(running.stopped()).toEqual([{ shard: 1, reason: expect.stringContaining(named) }]);
      await append({ 1: 3, 2: 1 });
      await keeper.until(12);
      await ready(running);
      // The group is behind it, and at the end.
      const committed = async () =>
        (
          await admin.fetchOffsets({ groupId: `${prefix}.projector`, topics: [topics.events] })
        )[0]!.partitions.find(({ partition }) => partition === 1)!.offset;
      while ((await committed()) !== '8') await pauseOf(50);
      await append({ 1: 1 });
      await keeper.until(13);
      expect(running.stopped()).toEqual([]);
    }, 60_000);

    it('for a message in it is foreign: what comes after it is read from the store, until the group is moved beyond it', async () => {
      const { newFeed, append, admin, topics, kafka, keeper, running, prefix } = await projecting();
      const producer = new ReliableProducer(kafka);
      await producer.send(topics.events, [{ partition: 1, value: 'not ours' }]);
      await producer.close();
      await append({ 1: 3, 2: 1 });
      await keeper.until(12);
      await until(() => running.stopped().length > 0);
      expect(running.stopped()).toEqual([
        {
          shard: 1,
          reason: `the message has no header ce_source (topic ${topics.events}, partition 1, offset 4)`,
        },
      ]);
      await running.stop();
      await admin.setOffsets({
        groupId: `${prefix}.projector`,
        topic: topics.events,
        partitions: [{ partition: 1, offset: '5' }],
      });
      const again = start(newFeed(), keeper);
      await append({ 1: 1 });
      await keeper.until(13);
      expect(again.stopped()).toEqual([]);
    }, 60_000);
  });

  it('refuses topics with another number of partitions than the store has shards', async () => {
    const { kafka, topics, close } = await openTopics();
    closing.push(close);
    await expect(ensureTopics(kafka, topics, SHARDS)).resolves.toBeUndefined();
    await expect(ensureTopics(kafka, topics, SHARDS + 1)).rejects.toThrow(TopicMismatch);
    await expect(ensureTopics(kafka, topics, SHARDS + 1)).rejects.toThrow(
      `topic ${topics.events} has 4 partitions`,
    );
  });
});
