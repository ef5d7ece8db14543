import { afterAll, expect, it } from '@jest/globals';
import type { PlacedEvent } from '#libs/domain';
import { KafkaFeed, Relay } from '#libs/feed';
import { createKafka, createLogger, readSettings } from '#libs/platform';
import { ensureTopics, eventMessage, Sender, sourceOf, topicsOf, TopicMismatch, type StoredBody } from '#libs/wire';
import { describeKafka, freshPrefix, testBroker } from '../support/kafka/test-broker.js';
import { feedContract, type FeedUnderTest } from './feed-contract.js';
import { openLog, SHARDS } from './opened-log.js';

const silent = createLogger('silent');
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
    new KafkaFeed(kafka, log.pool, { topic: topics.events, groupId, source, onError: (error, shards) => errors.push({ error, shards: shards.map(({ shard }) => shard) }) });
  return { ...log, kafka, topics, errors, source, newFeed };
}

/** The same with a relay that is at work. */
async function openFeed(): Promise<FeedUnderTest & Awaited<ReturnType<typeof openTopics>>> {
  const opened = await openTopics();
  const stopping = new AbortController();
  const relaying = new Relay(opened.pool, opened.kafka, { topic: opened.topics.events, source: opened.source }).run(stopping.signal);
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
  afterAll(async () => {
    for (const close of closing.toReversed()) await close();
  });

  feedContract(openFeed);

  /** Runs a feed until a condition holds of what it has delivered. */
  async function gather(feed: KafkaFeed, reached: Map<number, number>, enough: (events: PlacedEvent[]) => boolean): Promise<PlacedEvent[]> {
    const events: PlacedEvent[] = [];
    const stopping = new AbortController();
    await feed.run(
      {
        position: async () => new Map(reached),
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

  it('gives the events as they were recorded, and each once to a group that goes on', async () => {
    const { newFeed, append, store, close } = await openFeed();
    closing.push(close);
    await append({ 0: 3, 1: 2 });
    const reached = new Map<number, number>();
    const events = await gather(newFeed(), reached, ({ length }) => length === 5);
    const recorded = [...(await store.readShard(0, 0, 10)), ...(await store.readShard(1, 0, 10))];
    expect(events.toSorted((a, b) => a.shard - b.shard || a.position - b.position)).toEqual(recorded.map(({ chain: _chain, ...event }) => event));
    await append({ 0: 1 });
    expect((await gather(newFeed(), reached, ({ length }) => length === 1)).map(({ position }) => position)).toEqual([4]);
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
    const { rows } = await pool.query<StoredBody>(`select shard, position::int as position, recorded_at::text as "recordedAt", event_id as "eventId", type, stream, encode(digest, 'hex') as digest, body from claimline.events order by position`);
    const sender = new Sender(kafka);
    for (const [from, to] of [[1, 3], [2, 4], [1, 2], [4, 6]] as const) await sender.send(topics.events, rows.slice(from - 1, to).map((row) => eventMessage(row, source)));
    await sender.close();
    const events = await gather(newFeed(), new Map(), ({ length }) => length === 6);
    expect(events.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6]);
  }, 60_000);

  it('stops a shard that holds events of another store, by name, and goes on with the others', async () => {
    const { newFeed, append, pool, kafka, topics, source, close } = await openTopics();
    closing.push(close);
    await append({ 0: 1, 1: 1 });
    const { rows } = await pool.query<StoredBody>(`select shard, position::int as position, recorded_at::text as "recordedAt", event_id as "eventId", type, stream, encode(digest, 'hex') as digest, body from claimline.events order by shard`);
    const sender = new Sender(kafka);
    await sender.send(topics.events, [eventMessage(rows[0]!, sourceOf('00000000-0000-4000-8000-000000000000')), eventMessage(rows[1]!, source)]);
    await sender.close();
    const feed = newFeed();
    const got: number[] = [];
    const stopping = new AbortController();
    const running = feed.run({ position: async () => new Map(), handle: async (batch) => void got.push(...batch.map(({ shard }) => shard)) }, stopping.signal);
    while (feed.stopped().length === 0 || got.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const stopped = feed.stopped();
    stopping.abort();
    await running;
    expect(new Set(got)).toEqual(new Set([1]));
    expect(stopped).toEqual([{ shard: 0, position: 1, eventId: rows[0]!.eventId, reason: expect.stringMatching(/holds events of another store: urn:claimline:store:00000000-.*KAFKA_PREFIX/) }]);
  }, 60_000);

  it('refuses topics with another number of partitions than the store has shards', async () => {
    const { kafka, topics, close } = await openTopics();
    closing.push(close);
    await expect(ensureTopics(kafka, topics, SHARDS)).resolves.toBeUndefined();
    await expect(ensureTopics(kafka, topics, SHARDS + 1)).rejects.toThrow(TopicMismatch);
    await expect(ensureTopics(kafka, topics, SHARDS + 1)).rejects.toThrow(`topic ${topics.events} has 4 partitions`);
  });
});
