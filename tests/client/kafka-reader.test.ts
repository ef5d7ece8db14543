import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import {
  EpochChanged,
  EventsMissing,
  OtherStore,
  readEvents,
  type EventReader,
  type PlacedEvent,
  type ReadEventsOptions,
} from '#libs/client';
import { sourceOf } from '#libs/messaging';
import { Random } from '../support/random.js';
import { describeKafka } from '../support/kafka/test-broker.js';
import { failure, upTo } from './said.js';
import { eventAt, TestTopics } from './topics.js';

const SHARDS = 3;

describeKafka('events over Kafka', () => {
  let topics: TestTopics;
  const open: TestTopics[] = [];
  beforeEach(async () => {
    open.push((topics = await TestTopics.create(SHARDS)));
  }, 120_000);
  afterEach(async () => {
    expect(await topics.groups()).toEqual([]);
  });
  afterAll(() => Promise.all(open.map((one) => one.close())));

  const read = (options: Partial<ReadEventsOptions> = {}) =>
    readEvents({ ...topics.target, follow: false, longestRestMs: 50, ...options } as ReadEventsOptions);
  const give = (...messages: ReturnType<typeof eventAt>[]) => topics.send(topics.topics.events, messages);
  /** As many events of each shard, some again, as a relay that crashed now and then sends them. */
  const log = (count: number, random: Random) =>
    upTo(SHARDS).flatMap((shard) =>
      upTo(count).flatMap((at) => {
        const again = random.chance(0.1) ? random.int(0, Math.min(at, 20)) : 0;
        return upTo(again + 1).map((back) => eventAt(shard, at + 1 - again + back));
      }),
    );

  test('each once and in order, with what the message says of it', async () => {
    await give(...log(200, new Random(1)));
    const events = await collect(read());
    expectWhole(events, 200);
    const { shard, position } = events[0]!;
    expect(events[0]).toEqual({
      ...(JSON.parse(eventAt(shard, position).value as string) as object),
      shard,
      position,
      recordedAt: '2025-11-20T08:00:00.000Z',
      digest: 'ab',
    });
  });

  test('resume from a token wherever it was taken: nothing is left out, nothing comes twice', async () => {
    const random = new Random(2);
    await give(...log(60, random));
    for (let round = 0; round < 3; round++) {
      const events: PlacedEvent[] = [];
      for (let token = ''; events.length < 60 * SHARDS;) {
        const reader = read({ after: token });
        events.push(...(await collect(reader, random.int(1, 40))));
        token = reader.token;
      }
      expectWhole(events, 60);
    }
  });

  test('start near the token, not at the beginning', async () => {
    await give(...upTo(30).map((at) => eventAt(0, at + 1)));
    // What would be an error if it were read.
    await give(...upTo(3).map((at) => eventAt(1, at + 1)), { key: 'x', value: 'no event', partition: 2 });
    const reader = read({ after: '0:20,1:2,2:1' });
    expect(
      (await collect(reader))
        .map(({ shard, position }) => [shard, position])
        .toSorted((a, b) => a[0]! - b[0]! || a[1]! - b[1]!),
    ).toEqual([...upTo(10).map((at) => [0, at + 21]), [1, 3]]);
    expect(reader.token).toBe('0:30,1:3,2:1');
  });

  test('from a token that the topic has not reached yet', async () => {
    await give(...upTo(3).map((at) => eventAt(0, at + 1)));
    expect(await collect(read({ after: '0:5' }))).toEqual([]);
    const reader = read({ after: '0:5', follow: true });
    const next = reader.next();
    await sleep(300);
    await give(...upTo(3).map((at) => eventAt(0, at + 4)));
    expect((await next).value).toMatchObject({ shard: 0, position: 6 });
    await reader.return();
  });

  test('of some types: the token moves over the others', async () => {
    await give(
      ...upTo(40).map((at) =>
        eventAt(0, at + 1, { type: at % 10 === 0 ? 'statement.voided' : 'claim.asserted' }),
      ),
    );
    const reader = read({ types: ['statement.voided'] });
    const tokens: [number, string][] = [];
    for await (const { position } of reader) tokens.push([position, reader.token]);
    expect(tokens).toEqual([1, 11, 21, 31].map((position) => [position, `0:${position}`]));
    expect(reader.token).toBe('0:40');
  });

  test('a type that is not asked for need not be known', async () => {
    await give(eventAt(0, 1, { type: 'claim.of-the-future' }), eventAt(0, 2));
    expect(await collect(read({ types: ['claim.asserted'] }))).toMatchObject([{ position: 2 }]);
    await expect(collect(read())).rejects.toThrow(
      /topic .*, partition 0, offset 0: .*unknown type claim.of-the-future/,
    );
  });

  test('a gap is an error, and what came before it is given', async () => {
    await give(eventAt(0, 1), eventAt(0, 2), eventAt(0, 5));
    const reader = read();
    expect(await some(reader, 2)).toHaveLength(2);
    expect(await failure(EventsMissing, reader.next())).toMatchObject({ shard: 0, from: 3, to: 4 });
    expect(reader.token).toBe('0:2');
    expect(await reader.next()).toEqual({ done: true, value: undefined });
  });

  test('what was deleted from the topic is missing', async () => {
    await give(...upTo(20).map((at) => eventAt(0, at + 1)));
    // kafkajs finds the leader of a partition only after it has looked at the topic.
    await topics.admin.fetchTopicOffsets(topics.topics.events);
    // kafkajs finds the leader only of topics that it was asked about before.
    await topics.admin.fetchTopicOffsets(topics.topics.events);
    await topics.admin.deleteTopicRecords({
      topic: topics.topics.events,
      partitions: [{ partition: 0, offset: '10' }],
    });
    expect(await failure(EventsMissing, read({ after: '0:5' }).next())).toMatchObject({
      shard: 0,
      from: 6,
      to: 10,
    });
    expect(await collect(read({ after: '0:10' }))).toHaveLength(10);
  });

  test('another event at a position that was delivered: the log has gone back, and the error says where to go on', async () => {
    await give(...[1, 2, 3].map((at) => eventAt(0, at)), eventAt(0, 2), eventAt(0, 3, { digest: 'cd' }));
    const reader = read();
    expect(await some(reader, 3)).toHaveLength(3);
    expect((await failure(EpochChanged, reader.next())).token).toBe('0:0');
  });

  test('events of another store are an error', async () => {
    const source = sourceOf('0f000000-0000-4000-8000-00000000000b');
    await give(eventAt(0, 1), eventAt(0, 2), eventAt(0, 1, { source }));
    const reader = read();
    await some(reader, 2);
    expect((await failure(OtherStore, reader.next())).found).toBe(source);
  });

  test.each([
    ['no event', { key: 'x', value: 'text', partition: 1 }, 'has no header ce_source'],
    ['an event of another shard', { ...eventAt(0, 1), partition: 1 }, 'is of shard 0'],
    ['an event that is no JSON', { ...eventAt(1, 1), value: '{' }, 'JSON'],
  ])('%s is reported with its place', async (_, message, said) => {
    await give(message);
    const refused = read().next();
    await expect(refused).rejects.toThrow(`topic ${topics.topics.events}, partition 1, offset 0: `);
    await expect(refused).rejects.toThrow(said);
  });

  test('are followed: what comes later is given when it comes', async () => {
    const reader = read({ follow: true });
    const first = reader.next();
    await sleep(500);
    await give(eventAt(0, 1));
    expect((await first).value).toMatchObject({ shard: 0, position: 1 });
    await give(eventAt(1, 1), eventAt(0, 2), eventAt(2, 1));
    const later = await some(reader, 3);
    expect(later.map(({ shard, position }) => `${shard}:${position}`).toSorted()).toEqual([
      '0:2',
      '1:1',
      '2:1',
    ]);
    await reader.return();
  });

  test('a slow reader stays in its group, and gets all', async () => {
    await give(...upTo(1500).map((at) => eventAt(0, at + 1)));
    const reader = read({ follow: true });
    await some(reader, 10);
    const members = async () =>
      (await topics.admin.describeGroups(await topics.groups())).groups.map(
        ({ members: [one] }) => one?.memberId,
      );
    const before = await members();
    // Longer than the session of a consumer that sends no heartbeats.
    await sleep(12_000);
    expect(await members()).toEqual(before);
    expect((await some(reader, 1490)).at(-1)).toMatchObject({ position: 1500 });
    await reader.return();
  }, 60_000);

  test('end by a signal, by return() and by break, also while nothing comes', async () => {
    await give(eventAt(0, 1));
    const stop = new AbortController();
    const reader = read({ follow: true, signal: stop.signal });
    await reader.next();
    const next = reader.next();
    await sleep(200);
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    const other = read({ follow: true });
    await other.next();
    const waiting = other.next();
    await other.return();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await collect(read({ signal: AbortSignal.abort() }))).toEqual([]);
    expect(await collect(read({ follow: true }), 1)).toHaveLength(1);
  });

  test('an empty topic ends at once where it is not followed', async () => {
    expect(await collect(read())).toEqual([]);
  });
});

describe('without a broker', () => {
  test('it reports that it waits', async () => {
    const errors: string[] = [];
    const stop = new AbortController();
    const reader = readEvents({
      brokers: ['127.0.0.1:9'],
      signal: stop.signal,
      onRetry: ({ message }) => void errors.push(message),
    });
    const next = reader.next();
    while (errors.length === 0) await sleep(20);
    stop.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    expect(errors[0]).toContain('ECONNREFUSED');
  });
});

async function collect(reader: EventReader, most = Infinity): Promise<PlacedEvent[]> {
  const events: PlacedEvent[] = [];
  for await (const event of reader) {
    events.push(event);
    if (events.length >= most) break;
  }
  return events;
}

/** The first events of a reader, which stays open. */
async function some(reader: EventReader, count: number): Promise<PlacedEvent[]> {
  const events: PlacedEvent[] = [];
  while (events.length < count) {
    const { done, value } = await reader.next();
    if (done) throw new Error('it ended');
    events.push(value);
  }
  return events;
}

/** Every position of every shard once, each shard in order. */
function expectWhole(events: readonly PlacedEvent[], count: number): void {
  for (const shard of upTo(SHARDS))
    expect(events.filter((event) => event.shard === shard).map(({ position }) => position)).toEqual(
      upTo(count).map((at) => at + 1),
    );
  expect(events).toHaveLength(count * SHARDS);
}
