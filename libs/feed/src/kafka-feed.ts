import type { Kafka, KafkaMessage } from 'kafkajs';
import type pg from 'pg';
import type { PlacedEvent } from '#libs/domain';
import { consume, envelopeOf, readEventMessage, toldOf, type Delivered, type Handled, type UnreadableBatch } from '#libs/wire';
import { Delivery, type Unreadable } from './delivery.js';
import type { Feed, OnFeedError, StoppedShard, Subscriber } from './feed.js';
import { Merging } from './merging.js';
import { readBatch, readRows } from './log-batch.js';

export interface KafkaFeedOptions {
  topic: string;
  /** The members of one group share the shards. */
  groupId: string;
  /** The `ce_source` of the store whose events these are. */
  source: string;
  /** Most events that are handled at once. */
  batch?: number;
  onError?: OnFeedError;
  /** Hears which shards this member has, each time the group shares them out. */
  onAssigned?: (shards: readonly number[]) => void;
  /** Hears how many messages came of a shard at once. */
  onBatch?: (messages: number) => void;
  /** Hears which batches cannot be read now, whenever that changes. */
  onUnreadable?: (now: readonly UnreadableBatch[]) => void;
}

const CATCH_UP = 1000;

/**
 * The events as the relay gives them to Kafka, a partition a shard. The group's offset is committed after the subscriber
 * has handled what came; what comes again the subscriber skips. A message that is wrong, or that the subscriber fails on,
 * stops its shard only, until it can be handled.
 */
export class KafkaFeed implements Feed {
  private delivery: Delivery | undefined;
  private unreadable: readonly UnreadableBatch[] = [];

  constructor(
    private readonly kafka: Kafka,
    /** The store, for what the group was given before and the subscriber does not have. */
    private readonly pool: pg.Pool,
    private readonly options: KafkaFeedOptions,
  ) {}

  stopped(): StoppedShard[] {
    return [...(this.delivery?.stopped() ?? []), ...this.unreadable.map((batch) => ({ shard: batch.partition, reason: `${toldOf(batch)}: ${batch.reason}` }))];
  }

  async run(subscriber: Subscriber, signal: AbortSignal): Promise<void> {
    const { topic, groupId, batch = 2000, onError = () => {}, onAssigned, onBatch, onUnreadable } = this.options;
    const delivery = (this.delivery = new Delivery(subscriber, (error, shards) => signal.aborted || onError(error, shards)));
    const merging = new Merging(delivery, batch);
    let mine: readonly number[] = [];
    const assigned = (shards: readonly number[]) => {
      for (const shard of mine) if (!shards.includes(shard)) delivery.forget(shard);
      mine = shards;
      onAssigned?.(shards);
      this.catchUp(subscriber, merging, shards, signal).catch((error: unknown) => signal.aborted || onError(error, []));
    };
    const handle = async (delivered: Delivered): Promise<Handled> => {
      const { events, offsets, unreadable } = this.read(delivered);
      for (let at = 0; at === 0 || (at < events.length && !delivery.stoppedAt(delivered.partition)); at += batch)
        await merging.submit({ events: events.slice(at, at + batch), unreadable: at + batch < events.length ? [] : unreadable });
      onBatch?.(delivered.messages.length);
      const stop = delivery.stoppedAt(delivered.partition);
      if (!stop) return { upTo: delivered.messages.at(-1)!.offset };
      // Everything before the event that stops the shard is done with.
      const before = stop.position === undefined ? 0 : events.findIndex(({ position }) => position >= stop.position!);
      return { upTo: offsets[(before < 0 ? events.length : before) - 1], restMs: delivery.restOf(delivered.partition) };
    };
    const cannotRead = (now: readonly UnreadableBatch[]) => {
      this.unreadable = now;
      onUnreadable?.(now);
    };
    await consume(this.kafka, { topic, groupId, concurrency: MOST_PARTITIONS, onBatch: handle, onAssigned: assigned, onUnreadable: cannotRead, onError: (error) => onError(error, []) }, signal);
  }

  /** The events of messages, each with its offset, up to the first message that is wrong. */
  private read({ partition, messages }: Delivered): { events: PlacedEvent[]; offsets: string[]; unreadable: Unreadable[] } {
    const events: PlacedEvent[] = [];
    const offsets: string[] = [];
    for (const message of messages) {
      try {
        this.check(message, partition);
        events.push(readEventMessage(message));
        offsets.push(message.offset);
      } catch (error) {
        return { events, offsets, unreadable: [{ shard: partition, ...named(message), error }] };
      }
    }
    return { events, offsets, unreadable: [] };
  }

  private check(message: KafkaMessage, partition: number): void {
    const { source, shard } = envelopeOf(message);
    const { topic, source: own } = this.options;
    if (source !== own) throw new Error(`topic ${topic} holds events of another store: ${source}, and this is ${own}; give each store topics of its own (KAFKA_PREFIX)`);
    if (shard !== partition) throw new Error(`topic ${topic} holds an event of shard ${shard} in partition ${partition}`);
  }

  /**
   * What the group was given before it does not get again: where the subscriber has less, as after a restore from a backup,
   * the store fills it in. An offset is never less than the position before it, for repeats only push it up.
   */
  private async catchUp(subscriber: Subscriber, merging: Merging, shards: readonly number[], signal: AbortSignal): Promise<void> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      const { topic, groupId } = this.options;
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const given = new Map(group!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
      while (!signal.aborted) {
        const reached = await subscriber.position();
        const lacks = (shard: number) => shards.includes(shard) && (reached.get(shard) ?? 0) < (given.get(shard) ?? 0);
        const rows = await readBatch(this.pool, reached, CATCH_UP, (shard) => !lacks(shard));
        if (rows.length === 0) return;
        await merging.submit(readRows(rows));
        if (rows.every(({ shard }) => this.delivery?.stoppedAt(shard))) return;
      }
    } finally {
      await admin.disconnect();
    }
  }
}

/** All partitions of a fetch are handled at once, and so in few transactions. */
const MOST_PARTITIONS = 64;

function named(message: KafkaMessage): { position?: number; eventId?: string } {
  try {
    const { position, eventId } = envelopeOf(message);
    return { position, eventId };
  } catch {
    return {};
  }
}
