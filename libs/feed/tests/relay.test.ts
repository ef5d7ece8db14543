import { afterEach, expect, it } from '@jest/globals';
import type { Message } from 'kafkajs';
import { Relay } from '#libs/feed';
import { createKafka, createLogger, readSettings } from '#libs/platform';
import {
  ensureTopics,
  eventMessage,
  headerOf,
  readToEnd,
  ReliableProducer,
  sourceOf,
  topicsOf,
  type StoredBody,
} from '#libs/messaging';
import { describeKafka, freshPrefix, testBroker } from '../../../tests/support/kafka/test-broker.js';
import { damage } from '../../../tests/support/damage.js';
import { openLog, SHARDS } from './opened-log.js';

describeKafka('the relay, and a topic that is not what it was', () => {
  const closing: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0).toReversed()) await close();
  });

  async function open() {
    const kafka = createKafka(
      readSettings({ KAFKA_BROKERS: await testBroker() }).kafka!,
      createLogger('silent'),
    );
    const log = await openLog();
    closing.push(() => log.close());
    const topics = topicsOf(freshPrefix());
    const admin = kafka.admin();
    await admin.connect();
    closing.push(() => admin.disconnect());
    await ensureTopics(kafka, topics, SHARDS);
    const source = sourceOf(log.store.id);

    /** Starts a relay. @returns what stops it */
    const relaying = () => {
      const stopping = new AbortController();
      const relay = new Relay(log.pool, kafka, { topic: topics.events, source });
      const running = relay.run(stopping.signal);
      let stopped: Promise<void> | undefined;
      const stop = () => (stopped ??= (stopping.abort(), running));
      closing.push(stop);
      return { relay, stop };
    };
    /** What the topic holds now: for each shard its positions in the order of offsets; 0 for a message of somebody else. */
    const held = async (): Promise<Record<number, number[]>> => {
      const found: Record<number, number[]> = {};
      const take = async ({ partition, messages }: { partition: number; messages: { headers?: object }[] }) =>
        void (found[partition] ??= []).push(
          ...messages.map(({ headers }) => Number(headerOf(headers as never, 'position') ?? 0)),
        );
      await readToEnd(kafka, topics.events, new Map(), take, new AbortController().signal).catch(() => {});
      return found;
    };
    /** The same, as soon as each shard named holds its last position. */
    const until = async (last: Record<number, number>) => {
      for (;;) {
        const found = await held();
        if (Object.entries(last).every(([shard, position]) => found[Number(shard)]?.includes(position)))
          return found;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    };
    const remake = async () => {
      await admin.deleteTopics({ topics: [topics.events] });
      while ((await admin.listTopics()).includes(topics.events))
        await new Promise((resolve) => setTimeout(resolve, 20));
      await ensureTopics(kafka, topics, SHARDS);
    };
    const send = async (...messages: Message[]) => {
      const producer = new ReliableProducer(kafka);
      while (
        !(await producer.send(topics.events, messages).then(
          () => true,
          () => false,
        ))
      )
        await new Promise((resolve) => setTimeout(resolve, 50));
      await producer.close();
    };
    const stored = async () => {
      const { rows } = await log.pool.query<StoredBody>(
        `select shard, position::int as position, recorded_at::text as "recordedAt", event_id as "eventId", type, stream,
                encode(digest, 'hex') as digest, body from claimline.events order by shard, position`,
      );
      return rows.map((row) => eventMessage(row, source));
    };
    return { ...log, admin, topics, relaying, held, until, remake, send, stored };
  }

  /** Resolves when the cursors, too, are where the log ends. */
  const caughtUp = async (relay: Relay) => {
    while ([...(await relay.lag()).values()].some((lag) => lag > 0))
      await new Promise((resolve) => setTimeout(resolve, 20));
  };
  const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);
  /** The positions where each comes first. */
  const firsts = (positions: readonly number[] = []) => [...new Set(positions)];

  it('gets no damaged event: its shard stands still, which the relay names, and goes on when it is mended', async () => {
    const { append, relaying, until, held, url } = await open();
    await append({ 0: 6, 2: 4 });
    const damaged = await damage(url, { shard: 0, position: 3 });
    const { relay } = relaying();
    expect(await until({ 0: 2, 2: 4 })).toEqual({ 0: [1, 2], 2: [1, 2, 3, 4] });
    while (relay.problem() === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
    expect(relay.problem()).toMatch(
      new RegExp(
        `^shard 0 stands still: the event ${damaged.eventId} at position 3 of shard 0 cannot be read`,
      ),
    );
    await append({ 0: 1, 2: 2 });
    await until({ 2: 6 });
    expect((await held())[0]).toEqual([1, 2]);
    await damaged.mend();
    expect(await until({ 0: 7 })).toEqual({ 0: upTo(7), 2: upTo(6) });
    await caughtUp(relay);
    expect(relay.problem()).toBeUndefined();
  }, 60_000);

  it('recreated while the relay runs: filled from the first event, at once and in order', async () => {
    const { append, relaying, until, remake } = await open();
    const { relay } = relaying();
    await append({ 0: 90, 2: 5 });
    await until({ 0: 90, 2: 5 });
    await remake();
    // Nothing happens in the log meanwhile.
    expect(await until({ 0: 90, 2: 5 })).toEqual({ 0: upTo(90), 2: upTo(5) });
    await append({ 0: 3, 1: 1 });
    expect(await until({ 0: 93, 1: 1 })).toEqual({ 0: upTo(93), 1: upTo(1), 2: upTo(5) });
    await caughtUp(relay);
  }, 60_000);

  it('stopped: another one continues behind what was sent, and sends nothing again', async () => {
    const { append, relaying, until } = await open();
    for (let last = 2; last <= 6; last += 2) {
      const { stop } = relaying();
      await append({ 1: 1 });
      await until({ 1: last - 1 });
      await append({ 1: 1 });
      await until({ 1: last });
      await stop();
    }
    expect(await until({ 1: 6 })).toEqual({ 1: upTo(6) });
  }, 60_000);

  it('that loses its connection: what it sends again is in order, and nothing is left out', async () => {
    const { pool, append, relaying, until } = await open();
    const { relay } = relaying();
    let last = 0;
    for (let round = 0; round < 4; round++) {
      for (let at = 0; at < 3; at++) await append({ 0: 2, 1: 2 });
      last += 6;
      await until({ 0: last, 1: last });
      await append({ 0: 2, 1: 2 });
      last += 2;
      await pool.query(
        `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
         and database = (select oid from pg_database where datname = current_database())`,
      );
    }
    const found = await until({ 0: last, 1: last });
    for (const shard of [0, 1]) expect(firsts(found[shard])).toEqual(upTo(last));
    await caughtUp(relay);
  }, 60_000);

  it('recreated under events that come in all the time: first occurrences are in order from 1', async () => {
    const { store, append, relaying, until, remake } = await open();
    relaying();
    await append({ 0: 20, 1: 20 });
    await until({ 0: 20, 1: 20 });
    for (let round = 1; round <= 3; round++) {
      let made = false;
      const remaking = remake().then(() => (made = true));
      while (!made) await append({ 0: 1, 1: 1 });
      await remaking;
      await append({ 0: 1, 1: 1 });
      const last = Object.fromEntries(
        (await store.heads())
          .filter(({ position }) => position > 0)
          .map(({ shard, position }) => [shard, position]),
      );
      const found = await until(last);
      for (const shard of [0, 1]) expect(firsts(found[shard])).toEqual(upTo(last[shard]!));
    }
  }, 120_000);

  it('recreated while no relay ran, and beyond where it was: by others, and by a relay that did not notice', async () => {
    const { append, relaying, until, remake, send, stored } = await open();
    const { stop } = relaying();
    await append({ 0: 6, 1: 2, 3: 4 });
    await until({ 0: 6, 1: 2, 3: 4 });
    await stop();
    await remake();
    const foreign = (partition: number): Message[] =>
      Array.from({ length: 9 }, () => ({ partition, value: 'not ours' }));
    // Shard 0: events of ours from the middle on. Shard 1: what somebody else wrote. Shard 3: ours, from the first on.
    const all = await stored();
    const ofShard = (shard: number) => all.filter(({ partition }) => partition === shard);
    const late = ofShard(0).slice(3);
    await send(...late, ...late, ...late, ...foreign(1), ...ofShard(3));
    const again = relaying();
    const found = await until({ 0: 6, 1: 2, 3: 4 });
    expect(firsts(found[0])).toEqual(upTo(6));
    expect(firsts(found[1])).toEqual([0, 1, 2]);
    expect(firsts(found[3])).toEqual(upTo(4));
    await caughtUp(again.relay);
  }, 60_000);

  it('recreated after an update from a version that knew no ids: a shard that nothing came of since, too', async () => {
    const { pool, append, relaying, until, remake, send } = await open();
    const before = relaying();
    await append({ 0: 3, 1: 2 });
    await until({ 0: 3, 1: 2 });
    await before.stop();
    await pool.query('update claimline.relay_cursors set topic_id = null');
    const updated = relaying();
    await append({ 0: 1 });
    await until({ 0: 4 });
    await updated.stop();
    await remake();
    await send(...Array.from({ length: 5 }, () => ({ partition: 1, value: 'not ours' })));
    relaying();
    const found = await until({ 0: 4, 1: 2 });
    expect([firsts(found[0]), firsts(found[1])]).toEqual([upTo(4), [0, 1, 2]]);
  }, 60_000);

  it('emptied by somebody: continues, and holds what is new', async () => {
    const { admin, topics, append, relaying, until } = await open();
    relaying();
    await append({ 0: 5 });
    await until({ 0: 5 });
    await admin.fetchTopicOffsets(topics.events);
    await admin.deleteTopicRecords({ topic: topics.events, partitions: [{ partition: 0, offset: '-1' }] });
    await append({ 0: 2 });
    expect(await until({ 0: 7 })).toEqual({ 0: [6, 7] });
  }, 60_000);
});
