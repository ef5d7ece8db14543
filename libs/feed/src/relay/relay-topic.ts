import type { Kafka } from 'kafkajs';
import type pg from 'pg';
import { readPositions } from '#libs/log';
import { envelopeOf, readToEnd, TopicAdmin, TopicMismatch } from '#libs/messaging';
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
  ) {}

  /** @throws where no broker answers */
  static async open(kafka: Kafka, topic: string, source: string): Promise<RelayTopic> {
    const asking = new TopicAdmin(kafka);
    await asking.admin.connect();
    return new RelayTopic(asking, kafka, topic, source);
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
   * earlier has lost messages.
   * @throws TopicMismatch
   */
  async startingPoint(client: pg.PoolClient, relayed: RelayedTopic): Promise<Map<number, number>> {
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
    await moveCursors(client, relayed, cursors);
    return cursors;
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

function envelope(message: Parameters<typeof envelopeOf>[0]): { source?: string; position: number } {
  try {
    return envelopeOf(message);
  } catch {
    return { position: 0 };
  }
}
