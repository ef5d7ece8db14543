import { randomUUID } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Kafka, logLevel } from 'kafkajs';
import { formatToken, parseToken, type RecordedEvent, type Token } from '#libs/domain';
import type { EventStore, RangeFilter } from '#libs/log';
import { publish, type RangeProgress } from '#libs/jobs';
import {
  ensureReplayTopic,
  eventMessage,
  faultOfReplayTopic,
  sourceOf,
  TopicMismatch,
} from '#libs/messaging';
import { all, claim, openStore, registration } from '../../../tests/support/opened-store.js';
import { topicsAtHand, type Seen, type TopicsAtHand } from '../../../tests/kafka/topics-at-hand.js';
import { describeKafka } from '../../../tests/support/kafka/test-broker.js';
import { damage } from '../../../tests/support/damage.js';
import { Random } from '../../../tests/support/random.js';

const SHARDS = 4;
const MINUTE_MS = 60_000;
const START = Date.parse('2025-11-01T00:00:00.000Z');
interface Sending {
  runId?: string;
  kafka?: Kafka;
  speed?: number;
  stopAfter?: number;
  onError?: () => void;
  /** Called with the number of messages acknowledged so far. */
  onSent?: (sent: number) => void;
}

const never = new AbortController().signal;

describeKafka('history sent to a topic', () => {
  let log: Awaited<ReturnType<typeof openStore>>;
  let store: EventStore;
  let topics: TopicsAtHand;
  let everything: RecordedEvent[];
  let now = START;

  beforeAll(async () => {
    log = await openStore({ shards: SHARDS, clock: () => new Date(now).toISOString() });
    ({ store } = log);
    topics = await topicsAtHand();
    const random = new Random(5);
    for (let batch = 0; batch < 100; batch++) {
      now = START + batch * MINUTE_MS;
      const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
      await store.append(
        Array.from({ length: 50 }, () =>
          random.chance(0.02)
            ? registration(`r-${random.int(1, 9)}`)
            : { ...claim(`place-${random.int(1, 40)}`), ...(random.chance(0.1) && { traceparent }) },
        ),
      );
    }
    everything = await all(store.readAll());
  });
  afterAll(async () => {
    await topics.close();
    await log.close();
  });

  async function freshTopic(): Promise<string> {
    const topic = `${topics.prefix}.replay.${randomUUID()}`;
    await ensureReplayTopic(topics.kafka, topic, SHARDS);
    return topic;
  }

  /** Publishes a range; `stopAfter` cancels it after that number of acknowledged messages. @returns the token reached */
  async function send(
    topic: string,
    wanted: RangeFilter,
    {
      runId = randomUUID(),
      kafka = topics.kafka,
      speed,
      stopAfter = Infinity,
      onError = () => {},
      onSent = () => {},
    }: Sending = {},
  ) {
    const stop = new AbortController();
    let [sent, last]: [number, RangeProgress | undefined] = [0, undefined];
    const onAcknowledged = async (progress: RangeProgress, messages: number) => {
      last = progress;
      sent += messages;
      if (messages > 0) onSent(sent);
      if (sent >= stopAfter) stop.abort(new Error('enough'));
    };
    const done = await publish(
      store,
      kafka,
      { runId, topic, range: await store.range(wanted), speed },
      { onAcknowledged, onError },
      stop.signal,
    ).then(
      () => true,
      (error: Error) => error.message,
    );
    return { done, sent, token: last!.token, progress: [last!.done, last!.total] };
  }

  /** For each partition the positions, in the order in which the topic has them first. */
  const firstOnes = (seen: readonly Seen[]) => {
    const found = new Map<number, number[]>();
    for (const { partition, headers } of seen) {
      const positions = found.get(partition) ?? [];
      if (!positions.includes(Number(headers.position)))
        found.set(partition, [...positions, Number(headers.position)]);
    }
    return [...found].toSorted(([a], [b]) => a - b);
  };
  const positionsOf = (events: readonly RecordedEvent[]) => {
    const found = new Map<number, number[]>();
    for (const { shard, position } of events) found.set(shard, [...(found.get(shard) ?? []), position]);
    return [...found].toSorted(([a], [b]) => a - b);
  };

  test('goes on without a shard with a damaged event, fails at the end and names it; its token is before that event', async () => {
    const topic = await freshTopic();
    const at = { shard: 1, position: 5 };
    const damaged = await damage(log.url, at);
    const { done, token } = await send(topic, {});
    expect(done).toMatch(
      new RegExp(`^the event ${damaged.eventId} at position 5 of shard 1 cannot be read: `),
    );
    expect(token.get(1)).toBe(4);
    const readable = everything.filter(({ shard, position }) => shard !== 1 || position < 5);
    expect(firstOnes(await topics.all(topic))).toEqual(positionsOf(readable));
    await damaged.mend();
    expect((await send(topic, { after: token })).done).toBe(true);
    expect(firstOnes(await topics.all(topic))).toEqual(positionsOf(everything));
  });

  test('is the log, in order of positions, as the live topic has it, and says of which run it is', async () => {
    const topic = await freshTopic();
    const runId = randomUUID();
    const { done, sent, token, progress } = await send(topic, {}, { runId });
    expect([done, sent, progress]).toEqual([true, everything.length, [everything.length, everything.length]]);
    expect(formatToken(token)).toBe(
      formatToken(new Map((await store.heads()).map(({ shard, position }) => [shard, position]))),
    );
    const seen = await topics.all(topic);
    expect(firstOnes(seen)).toEqual(positionsOf(everything));
    expect(seen).toHaveLength(everything.length);
    const rows = new Map<
      string,
      Awaited<ReturnType<EventStore['readStored']>>[number] & { traceparent: string | null }
    >();
    for await (const row of store.readRange(await store.range({}))) rows.set(row.eventId, row);
    for (const { partition, key, value, headers } of seen) {
      const live = eventMessage(rows.get(headers.ce_id!)!, sourceOf(store.id));
      expect({ partition, key, value, headers }).toEqual({
        ...live,
        headers: { ...live.headers, replay: runId },
      });
    }
    expect(seen.filter(({ headers }) => headers.traceparent !== undefined).length).toBeGreaterThan(100);
  });

  test('only what is wanted of it', async () => {
    const topic = await freshTopic();
    const [from, to] = [
      new Date(START + 20 * MINUTE_MS).toISOString(),
      new Date(START + 60 * MINUTE_MS).toISOString(),
    ];
    const wanted = {
      from,
      to,
      streams: ['place-3', 'place-4', 'place-5', 'register'],
      types: ['claim.asserted', 'location.registered'],
    };
    const events = everything.filter(
      ({ recordedAt, stream }) => recordedAt >= from && recordedAt <= to && wanted.streams.includes(stream),
    );
    expect(events.length).toBeGreaterThan(50);
    const { done, sent, progress } = await send(topic, wanted);
    expect([done, sent]).toEqual([true, events.length]);
    // The progress counts all positions of the shards read.
    expect(progress[0]).toBe(progress[1]);
    expect(progress[1]).toBeGreaterThan(events.length);
    expect(firstOnes(await topics.all(topic))).toEqual(positionsOf(events));
  });

  test('resumes where it was cancelled: nothing is left out', async () => {
    const topic = await freshTopic();
    let after: Token | undefined;
    const answers: unknown[] = [];
    for (let rounds = 0; answers.at(-1) !== true; rounds++) {
      const { done, token } = await send(topic, { after }, { stopAfter: 1 });
      after = parseToken(formatToken(token));
      answers.push(done);
      expect(rounds).toBeLessThan(10);
    }
    expect(answers).toEqual(['enough', 'enough', 'enough', true]);
    expect(firstOnes(await topics.all(topic))).toEqual(positionsOf(everything));
  });

  test('keeps the order and loses nothing where connections break again and again', async () => {
    const topic = await freshTopic();
    const sockets = new Set<Socket>();
    let open = true;
    let breaks = 0;
    const socketFactory = ({
      host,
      port,
      onConnect,
    }: {
      host: string;
      port: number;
      onConnect: () => void;
    }) => {
      const socket = connect({ host, port: open ? port : 1 }, onConnect);
      sockets.add(socket.once('close', () => sockets.delete(socket)));
      return socket;
    };
    const kafka = new Kafka({
      brokers: topics.env.KAFKA_BROKERS.split(','),
      logLevel: logLevel.NOTHING,
      socketFactory,
      retry: { retries: 1, initialRetryTime: 20, maxRetryTime: 50 },
    });
    // The pause is long enough for some progress.
    const breaking = setInterval(() => {
      open = (breaks += 1) % 4 !== 0 || breaks > 20;
      if (!open) for (const socket of sockets) socket.destroy(new Error('cut'));
    }, 200);
    let errors = 0;
    // Slow enough to be interrupted: a minute of the log in 20 ms.
    const { done } = await send(topic, {}, { kafka, speed: 3000, onError: () => (errors += 1) }).finally(() =>
      clearInterval(breaking),
    );
    open = true;
    expect(done).toBe(true);
    expect(errors).toBeGreaterThan(0);
    expect(firstOnes(await topics.all(topic))).toEqual(positionsOf(everything));
  }, 60_000);

  test('at a multiple of real time, each message when it is due', async () => {
    const topic = await freshTopic();
    const begun = Date.now();
    const arrived: { sent: number; ms: number }[] = [];
    const { done, sent } = await send(
      topic,
      { to: new Date(START + 10 * MINUTE_MS).toISOString() },
      { speed: 600, onSent: (sent) => arrived.push({ sent, ms: Date.now() - begun }) },
    );
    expect([done, sent]).toEqual([true, 11 * 50]);
    // A minute of the log, 50 events, in 100 ms. Late events come together with those due by then.
    expect(arrived.length).toBeGreaterThan(1);
    for (const { sent, ms } of arrived) expect(ms).toBeGreaterThanOrEqual((sent / 50 - 1) * 100);
    expect(arrived.at(-1)!.ms).toBeLessThan(30_000);
  });

  test('is cancelled in the midst of a silence', async () => {
    const topic = await freshTopic();
    const begun = Date.now();
    const { done, sent } = await send(topic, {}, { speed: 0.001, stopAfter: 1 });
    expect([done, sent]).toEqual(['enough', 50]);
    expect(Date.now() - begun).toBeLessThan(5000);
  });

  test('ends where the topic never takes a message', async () => {
    const { kafka, prefix } = topics;
    await expect(
      publish(
        store,
        kafka,
        { runId: 'r', topic: `${prefix}.nowhere`, range: await store.range({}) },
        { onAcknowledged: async () => {}, onError: () => {} },
        never,
      ),
    ).rejects.toThrow(/topic/i);
  }, 30_000);

  test('goes to a topic with a partition for each shard, and never to one of the service', async () => {
    const topic = await freshTopic();
    await ensureReplayTopic(topics.kafka, topic, SHARDS);
    await expect(ensureReplayTopic(topics.kafka, topic, SHARDS + 1)).rejects.toThrow(TopicMismatch);
    await expect(ensureReplayTopic(topics.kafka, topic, SHARDS + 1)).rejects.toThrow(
      `topic ${topic} has 4 partitions, but the store has 5 shards: a partition is a shard. Name another topic`,
    );
    const admin = topics.kafka.admin();
    await admin.connect();
    const { topics: made } = await admin.fetchTopicMetadata({ topics: [topic] });
    await admin.disconnect();
    expect(made[0]!.partitions).toHaveLength(SHARDS);
    for (const own of Object.values(topics.topics))
      expect(faultOfReplayTopic(own, topics.topics)).toContain('the service itself');
    for (const wrong of ['', '.', '..', 'a b', '__consumer_offsets', 'x'.repeat(250)])
      expect(faultOfReplayTopic(wrong, topics.topics)).toContain('name of a topic');
    expect(faultOfReplayTopic('november-again', topics.topics)).toBeUndefined();
  });
});
