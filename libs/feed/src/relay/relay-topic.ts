import type { Kafka } from 'kafkajs';
import type pg from 'pg';
import { readPositions, type EventStore } from '#libs/log';
import { envelopeOf, headerOf, readToEnd, TopicAdmin, TopicMismatch } from '#libs/messaging';
import { LostInTopic } from './lost-in-topic.js';
import { forgetOthers, moveCursors, readCursors, type RelayedTopic } from './relay-cursors.js';

/** Time limit for reading the first messages of a topic, which any producer may have written. */
const READ_TIMEOUT_MS = 10_000;

interface Ends {
  partition: number;
  low: number;
  high: number;
}

/** The topic of a relay: its identity, and the positions after which it lacks events. */
export class RelayTopic {
  private constructor(
    private readonly asking: TopicAdmin,
    private readonly kafka: Kafka,
    private readonly topic: string,
    private readonly source: string,
    private readonly log: Pick<EventStore, 'epochs' | 'witness'> | undefined,
  ) {}

  /** @throws where no broker answers */
  static async open(
    kafka: Kafka,
    topic: string,
    source: string,
    log?: Pick<EventStore, 'epochs' | 'witness'>,
  ): Promise<RelayTopic> {
    const asking = new TopicAdmin(kafka);
    await asking.admin.connect();
    return new RelayTopic(asking, kafka, topic, source, log);
  }

  async cluster(): Promise<string> {
    return (await this.asking.admin.describeCluster()).clusterId;
  }

  /** Undefined where the brokers give topics no ids. @throws where there is no topic of that name, or no broker answers */
  id(): Promise<string | undefined> {
    return this.asking.idOf(this.topic);
  }

  async close(): Promise<void> {
    await this.asking.admin.disconnect().catch(() => {});
  }

  /**
   * The position of each shard in this topic, from now on by its id; a shard that is not named begins at 0. Cursors of an
   * earlier topic of the same name are deleted. An offset is never less than the positions before it: a partition that ends
   * earlier has lost messages. Cursors do not go beyond what is left of the log where it has gone back.
   * @returns also the events of the topic that the log has lost
   * @throws TopicMismatch
   */
  async startingPoint(
    client: pg.PoolClient,
    relayed: RelayedTopic,
  ): Promise<{ cursors: Map<number, number>; lost?: LostInTopic | undefined }> {
    const { topic } = this;
    const { admin } = this.asking;
    const ends = (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
      partition,
      low: Number(low),
      high: Number(high),
    }));
    const { size: shards } = await readPositions(client);
    if (ends.length !== shards)
      throw new TopicMismatch(
        [{ name: topic, partitions: ends.length }],
        shards,
        'Delete the topic and start again: it is created with the right number of partitions',
      );
    await forgetOthers(client, relayed);
    const cursors = await readCursors(client, relayed);
    for (const { partition, high } of ends)
      if (high < (cursors.get(partition) ?? 0)) cursors.set(partition, 0);
    const late = await this.beginningLate(
      ends.filter(({ partition, low, high }) => low < high && !cursors.get(partition)),
      ends,
    );
    if (late.length > 0)
      await admin.deleteTopicRecords({
        topic,
        partitions: late.map((partition) => ({ partition, offset: '-1' })),
      });
    const lost = this.log && (await this.goBack(cursors, ends, this.log));
    await moveCursors(client, relayed, cursors);
    return { cursors, lost };
  }

  /**
   * Compares the last events of the topic with the log. If it does not have them, an epoch of the log begins, and the cursors go
   * back to where it does.
   */
  private async goBack(
    cursors: Map<number, number>,
    ends: readonly Ends[],
    log: Pick<EventStore, 'epochs' | 'witness'>,
  ): Promise<LostInTopic | undefined> {
    // A partition with no more messages than the cursor says holds nothing beyond it.
    const last = await this.lastEvents(
      ends.filter(({ partition, low, high }) => low < high && high > (cursors.get(partition) ?? 0)),
      ends,
    );
    await log.witness(last, last, cursors);
    const { epochs } = log;
    const lost = last.flatMap(({ epoch, shard, position }) => {
      const cut = epochs.cut(epoch, shard);
      if (position <= cut) return [];
      cursors.set(shard, Math.min(cut, cursors.get(shard) ?? 0));
      return [{ shard, epoch, from: cut + 1, to: position }];
    });
    return lost.length > 0 ? new LostInTopic(this.topic, lost) : undefined;
  }

  /** The furthest event of this store among the last messages of some partitions: repeats may come after it. */
  private async lastEvents(open: readonly Ends[], ends: readonly Ends[]): Promise<LastEvent[]> {
    if (open.length === 0) return [];
    const wanted = new Map(
      open.map(({ partition, low, high }) => [partition, Math.max(low, high - LAST_MESSAGES)]),
    );
    const last = new Map<number, LastEvent>();
    const timeout = AbortSignal.timeout(READ_TIMEOUT_MS);
    await readToEnd(
      this.kafka,
      this.topic,
      new Map(ends.map(({ partition, high }) => [partition, wanted.get(partition) ?? high])),
      async ({ partition, messages }) => {
        for (const message of messages) {
          const event = lastEvent(message);
          if (event?.source !== this.source || event.shard !== partition) continue;
          const before = last.get(partition);
          if (
            !before ||
            event.epoch > before.epoch ||
            (event.epoch === before.epoch && event.position > before.position)
          )
            last.set(partition, event);
        }
      },
      timeout,
    ).catch((error: unknown) => {
      // An unreadable batch is not ours: the relay does not compress.
      if (timeout.aborted) throw error;
    });
    return [...last.values()];
  }

  /**
   * Of partitions that are filled from the first event, those that begin with a later one: a topic that was recreated took
   * it before that was noticed. Only events of this store count.
   */
  private async beginningLate(filled: readonly Ends[], ends: readonly Ends[]): Promise<number[]> {
    const open = new Set(filled.map(({ partition }) => partition));
    if (open.size === 0) return [];
    const late: number[] = [];
    const done = new AbortController();
    const from = new Map(
      ends.map(({ partition, low, high }) => [partition, open.has(partition) ? low : high]),
    );
    const reading = readToEnd(
      this.kafka,
      this.topic,
      from,
      async ({ partition, messages: [first] }) => {
        if (!open.delete(partition)) return;
        const { source, position } = envelope(first!);
        if (source === this.source && position > 1) late.push(partition);
        if (open.size === 0) done.abort();
      },
      AbortSignal.any([done.signal, AbortSignal.timeout(READ_TIMEOUT_MS)]),
    );
    // An unreadable batch is not ours: the relay does not compress.
    await reading.catch(() => {});
    return late;
  }
}

/** What the topic shows of an event. */
interface LastEvent {
  source: string;
  epoch: number;
  shard: number;
  position: number;
  digest: string;
  recordedAt: string;
}

/** Repeats, and what somebody else has written, may come after the furthest event. */
const LAST_MESSAGES = 200;

function lastEvent(message: Parameters<typeof envelopeOf>[0]): LastEvent | undefined {
  const [digest, recordedAt] = [headerOf(message.headers, 'digest'), headerOf(message.headers, 'ce_time')];
  if (digest === undefined || recordedAt === undefined) return undefined;
  try {
    const { source, epoch, shard, position } = envelopeOf(message);
    return { source, epoch, shard, position, digest, recordedAt };
  } catch {
    return undefined;
  }
}

function envelope(message: Parameters<typeof envelopeOf>[0]): { source?: string; position: number } {
  try {
    return envelopeOf(message);
  } catch {
    return { position: 0 };
  }
}
