import type { Kafka, KafkaMessage } from 'kafkajs';
import type pg from 'pg';
import { Batcher } from '#libs/concurrency';
import { tokenIn, type PlacedEvent } from '#libs/domain';
import type { EventStore } from '#libs/log';
import {
  consume,
  envelopeOf,
  headerOf,
  readEventMessage,
  type Consumption,
  type Delivered,
  type Envelope,
  type Handled,
  type UnreadableBatch,
} from '#libs/messaging';
import type { Tracing } from '#libs/platform';
import { DeliveryWithBackoff, type FeedBatch, type UnreadableEvent } from './delivery-with-backoff.js';
import type { Feed, OnFeedError, StoppedShard, Subscriber } from './feed.js';
import { Healing } from './healing.js';
import { readLeastCursors } from './relay/relay-cursors.js';

export interface KafkaFeedOptions {
  topic: string;
  /** The members of one group share the shards. */
  groupId: string;
  /** The `ce_source` of the store whose events these are. */
  source: string;
  /** The log: what the topic has and the log has lost is passed over (default: all of the topic is in the log). */
  log?: Pick<EventStore, 'epochs' | 'has' | 'heads' | 'presentEpochs' | 'witness'>;
  /** Most events that are handled at once. */
  batch?: number;
  onError?: OnFeedError;
  /** Called with the shards of this member at each assignment of the group. */
  onAssigned?: (shards: readonly number[]) => void;
  /** Called with the number of messages of a shard that came at once. */
  onBatch?: (messages: number) => void;
  /** Called with the batches that cannot be read now, whenever that changes. */
  onUnreadable?: (now: readonly UnreadableBatch[]) => void;
  tracing?: Tracing | undefined;
}

/**
 * The events that the relay sends to Kafka, one partition for each shard. The group's offset is committed after the
 * subscriber has handled the messages; the subscriber skips repeats. A message that is wrong, or that the subscriber fails
 * on, blocks only its own shard, until it can be handled. Events that the topic lacks are read from the store.
 */
export class KafkaFeed implements Feed {
  private delivery: DeliveryWithBackoff | undefined;
  private healing: Healing | undefined;

  constructor(
    private readonly kafka: Kafka,
    /** The store, for events that the topic lacks. */
    private readonly pool: pg.Pool,
    private readonly options: KafkaFeedOptions,
  ) {}

  stopped(): StoppedShard[] {
    const stopped = new Map(this.healing?.stopped().map((one) => [one.shard, one]));
    for (const one of this.delivery?.stopped() ?? []) {
      // The same message, except for its place in the topic.
      const known = stopped.get(one.shard);
      if (!known || known.eventId !== one.eventId) stopped.set(one.shard, one);
    }
    return [...stopped.values()];
  }

  async run(subscriber: Subscriber, signal: AbortSignal): Promise<void> {
    const {
      topic,
      groupId,
      batch = 2000,
      onError = () => {},
      onAssigned,
      onBatch,
      onUnreadable,
      tracing,
    } = this.options;
    const tell: OnFeedError = (error, shards) => void (signal.aborted || onError(error, shards));
    const delivery = (this.delivery = new DeliveryWithBackoff(subscriber, tell, tracing));
    const healing = (this.healing = new Healing(this.kafka, this.pool, { topic, groupId, onError: tell }));
    // Joins messages of several partitions, because a transaction costs much and an event in it little.
    const batcher = new Batcher<FeedBatch, void>(
      async (batches) => {
        await delivery.deliver({
          events: batches.flatMap(({ events }) => events),
          unreadable: batches.flatMap(({ unreadable }) => unreadable),
          traceparents: batches.flatMap(({ traceparents = [] }) => traceparents),
        });
        return [];
      },
      { items: batch, atOnce: 1, weightOf: ({ events }) => events.length },
    );
    let mine: readonly number[] = [];
    const assigned = (shards: readonly number[]) => {
      for (const shard of mine) if (!shards.includes(shard)) delivery.forget(shard);
      mine = shards;
      healing.assigned(shards);
      onAssigned?.(shards);
    };
    const handle = async (delivered: Delivered): Promise<Handled> => {
      const { partition, messages } = delivered;
      await this.compare(delivered);
      const { events, offsets, unreadable } = this.read(delivered);
      const traces = tracing ? messages.map(({ headers }) => headerOf(headers, 'traceparent')) : [];
      for (let at = 0; at === 0 || (at < events.length && !delivery.stoppedAt(partition)); at += batch)
        await batcher.submit([
          {
            events: events.slice(at, at + batch),
            unreadable: at + batch < events.length ? [] : unreadable,
            traceparents: traces.slice(at, at + batch).flatMap((trace) => trace ?? []),
          },
        ]);
      onBatch?.(messages.length);
      const [wrong] = unreadable;
      healing.obstacle(
        partition,
        wrong && {
          ...wrong,
          offset: messages[offsets.length]!.offset,
          reason: (wrong.error as Error).message,
        },
      );
      if (offsets.length > 0) healing.came(partition);
      const stop = delivery.stoppedAt(partition);
      if (!stop) return { upTo: messages.at(-1)!.offset };
      // Everything before the event that blocks the shard is handled.
      const before =
        stop.position === undefined ? 0 : events.findIndex(({ position }) => position >= stop.position!);
      return {
        upTo: offsets[(before < 0 ? events.length : before) - 1],
        restMs: delivery.remainingBackoff(partition),
      };
    };
    const onMessages = async (delivered: Delivered): Promise<Handled> => {
      healing.underWay(delivered.partition, true);
      return handle(delivered).finally(() => healing.underWay(delivered.partition, false));
    };
    const ending = healing.run(subscriber, delivery, batcher, signal);
    const cannotRead = (now: readonly UnreadableBatch[]) => {
      healing.unreadable(now);
      onUnreadable?.(now);
    };
    const consumption: Consumption = {
      topic,
      groupId,
      concurrency: MAX_PARTITIONS,
      onBatch: onMessages,
      onAssigned: assigned,
      onReached: (partition, next) => healing.reached(partition, next),
      onUnreadable: cannotRead,
      passOver: (partition, offset) => healing.isBeyond(partition, offset),
      onError: (error) => tell(error, []),
    };
    await consume(this.kafka, consumption, signal);
    await ending;
  }

  /** The events of messages, each with its offset, up to the first message that is wrong. */
  private read({ partition, messages }: Delivered): {
    events: PlacedEvent[];
    offsets: string[];
    unreadable: UnreadableEvent[];
  } {
    const events: PlacedEvent[] = [];
    const offsets: string[] = [];
    for (const message of messages) {
      try {
        this.check(message, partition);
        if (this.isLost(message)) continue;
        events.push(readEventMessage(message));
        offsets.push(message.offset);
      } catch (error) {
        return { events, offsets, unreadable: [{ shard: partition, ...named(message), error }] };
      }
    }
    return { events, offsets, unreadable: [] };
  }

  /**
   * Makes sure that the log has what came, before it is handled. The log may have gone back behind the topic: then it begins an epoch,
   * which says from where on.
   */
  private async compare({ partition, messages }: Delivered): Promise<void> {
    const { log, source } = this.options;
    if (!log) return;
    let last: Envelope | undefined;
    for (let at = messages.length - 1; at >= 0 && !last; at--) {
      const place = placeOf(messages[at]!);
      if (place?.source === source && place.shard === partition) last = place;
    }
    if (!last) return;
    const { epoch, shard, position } = last;
    const token = tokenIn(new Map([[shard, position]]), new Map(epoch === 0 ? [] : [[shard, epoch]]));
    if (log.has(token)) return;
    await log.heads();
    if (log.has(token) || (log.epochs.knows(epoch) && position > log.epochs.cut(epoch, shard))) return;
    await log.witness([last], [last], await readLeastCursors(this.pool, this.options.topic));
  }

  /** Whether the log has gone back behind a message. */
  private isLost(message: KafkaMessage): boolean {
    const { log } = this.options;
    if (!log || (log.epochs.present === 0 && message.headers?.epoch === undefined)) return false;
    const { epoch, shard, position } = envelopeOf(message);
    return position > log.epochs.cut(epoch, shard);
  }

  private check(message: KafkaMessage, partition: number): void {
    const { source, shard } = envelopeOf(message);
    const { topic, source: own } = this.options;
    if (source !== own)
      throw new Error(
        `topic ${topic} holds events of another store: ${source}, but this is ${own}; ` +
          'give each store topics of its own (KAFKA_PREFIX)',
      );
    if (shard !== partition)
      throw new Error(`topic ${topic} holds an event of shard ${shard} in partition ${partition}`);
  }
}

/** All partitions of a fetch are handled at once, so in few transactions. */
const MAX_PARTITIONS = 64;

function placeOf(message: KafkaMessage): Envelope | undefined {
  try {
    return envelopeOf(message);
  } catch {
    return undefined;
  }
}

function named(message: KafkaMessage): { position?: number; eventId?: string } {
  try {
    const { position, eventId } = envelopeOf(message);
    return { position, eventId };
  } catch {
    return {};
  }
}
