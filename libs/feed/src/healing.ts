import type { Kafka } from 'kafkajs';
import type pg from 'pg';
import { pause, type Batcher } from '#libs/concurrency';
import { readPositions } from '#libs/log';
import { unreadableText, type UnreadableBatch } from '#libs/messaging';
import type { DeliveryWithBackoff, FeedBatch } from './delivery-with-backoff.js';
import type { OnFeedError, StoppedShard, Subscriber } from './feed.js';
import { readRows, batchOf } from './log-batch.js';

const CHECK_INTERVAL_MS = 1000;
/** A shard is healed after this time without progress, if the topic has nothing more for it. */
const STALL_TIMEOUT_MS = 3000;
/** The same, if the topic has messages for it that do not come: it may only be slow. */
const LONG_STALL_TIMEOUT_MS = 15_000;
const MAX_BATCH = 1000;

/** A message that is not an event of this shard of this store. */
export interface Obstacle {
  offset: string;
  reason: string;
  position?: number | undefined;
  eventId?: string | undefined;
}

interface Waiting {
  /** The position up to which everything is handled. */
  reached: number;
  /** Since when there was no progress and no message. */
  since: number;
}

/**
 * Reads events from the store that the topic does not deliver: unreadable batches and messages, messages removed by retention
 * or an administrator, events that the subscriber has lost after the group had committed them, a topic or brokers that are
 * gone. It acts on the symptom: the store has more than the subscriber, and nothing comes.
 */
export class Healing {
  private shards: readonly number[] = [];
  private readonly busy = new Set<number>();
  private readonly next = new Map<number, number>();
  private readonly waiting = new Map<number, Waiting>();
  private readonly obstacles = new Map<number, Obstacle>();
  /** Batches that cannot be read. Their events were in the store before, at positions up to `upTo`. */
  private readonly batches = new Map<number, { batch: UnreadableBatch; upTo?: number }>();
  private checkpoints: ReadonlyMap<number, number> = new Map();
  /** Shards that are read from the store until the topic delivers again, with the reason. */
  private readonly healed = new Map<number, string>();
  /** Of those, the ones that were behind at the last look. */
  private lacking = new Set<number>();

  constructor(
    private readonly kafka: Kafka,
    private readonly pool: pg.Pool,
    private readonly options: { topic: string; groupId: string; onError: OnFeedError },
  ) {}

  /** These shards are this member's now. */
  assigned(shards: readonly number[]): void {
    this.shards = shards;
    for (const map of [this.next, this.waiting, this.obstacles, this.batches, this.healed]) map.clear();
    this.lacking.clear();
  }

  /** Records whether a delivery from the topic is under way. */
  underWay(shard: number, yes: boolean): void {
    if (yes) this.busy.add(shard);
    else this.busy.delete(shard);
  }

  /** Everything before an offset of the topic is handled. */
  reached(shard: number, next: number): void {
    this.next.set(shard, next);
  }

  /** The topic has delivered something of a shard. */
  came(shard: number): void {
    this.waiting.delete(shard);
    this.healed.delete(shard);
    this.lacking.delete(shard);
  }

  /** The batches that cannot be read now. */
  unreadable(now: readonly UnreadableBatch[]): void {
    const before = new Map(this.batches);
    this.batches.clear();
    for (const batch of now) {
      const known = before.get(batch.partition);
      this.batches.set(batch.partition, known?.batch.offset === batch.offset ? known : { batch });
    }
  }

  /** Whether all events that an unreadable batch can hold are handled, so that the topic can be read on behind it. */
  isBeyond(shard: number, offset: string): boolean {
    const one = this.batches.get(shard);
    return (
      one?.batch.offset === offset && one.upTo !== undefined && (this.checkpoints.get(shard) ?? 0) >= one.upTo
    );
  }

  /** The obstacle of a shard in the topic; undefined where there is none any more. */
  obstacle(shard: number, obstacle: Obstacle | undefined): void {
    if (obstacle) this.obstacles.set(shard, obstacle);
    else this.obstacles.delete(shard);
  }

  /** The shards for which the topic lacks events of the store, with the place in the topic. */
  stopped(): StoppedShard[] {
    const { topic } = this.options;
    const blocked = [...this.obstacles].map(([shard, { offset, reason, position, eventId }]) => ({
      shard,
      position,
      eventId,
      reason: `${reason} (topic ${topic}, partition ${shard}, offset ${offset})`,
    }));
    const batches = [...this.batches].map(([shard, { batch }]) => ({
      shard,
      reason: `${unreadableText(batch)}: ${batch.reason}`,
    }));
    const starved = [...this.lacking]
      .filter((shard) => !this.isBlocked(shard))
      .map((shard) => ({ shard, reason: this.healed.get(shard)! }));
    return [...blocked, ...batches, ...starved];
  }

  async run(
    subscriber: Subscriber,
    delivery: DeliveryWithBackoff,
    batcher: Batcher<FeedBatch, void>,
    signal: AbortSignal,
  ): Promise<void> {
    for (; !signal.aborted; await pause(CHECK_INTERVAL_MS, signal)) {
      try {
        while (!signal.aborted && (await this.heal(subscriber, delivery, batcher)));
      } catch (error) {
        if (!signal.aborted) this.options.onError(error, []);
      }
    }
  }

  /** @returns whether there may be more at once */
  private async heal(
    subscriber: Subscriber,
    delivery: DeliveryWithBackoff,
    batcher: Batcher<FeedBatch, void>,
  ): Promise<boolean> {
    const reached = (this.checkpoints = await subscriber.checkpoints());
    const heads = await readPositions(this.pool);
    for (const [shard, one] of this.batches) one.upTo ??= heads.get(shard) ?? 0;
    const behind = this.shards.filter((shard) => (heads.get(shard) ?? 0) > (reached.get(shard) ?? 0));
    for (const shard of this.waiting.keys()) if (!behind.includes(shard)) this.waiting.delete(shard);
    // A rebuild may have brought the subscriber past the event that stopped a shard.
    for (const { shard } of delivery.stopped())
      if (!behind.includes(shard) && !this.isBlocked(shard) && delivery.remainingBackoff(shard) === 0)
        delivery.forget(shard);
    this.lacking = new Set([...this.lacking].filter((shard) => behind.includes(shard)));
    const due = await this.due(behind, reached, delivery);
    if (due.size === 0) return false;
    const rows = await readRows(this.pool, reached, MAX_BATCH, (shard) => !due.has(shard));
    await batcher.submit([batchOf(rows)]);
    return rows.length === MAX_BATCH && [...due].some((shard) => !delivery.stoppedAt(shard));
  }

  /** The shards that are behind and for which nothing comes. */
  private async due(
    behind: readonly number[],
    reached: ReadonlyMap<number, number>,
    delivery: DeliveryWithBackoff,
  ): Promise<Set<number>> {
    const now = performance.now();
    const blocked = behind.filter((shard) => this.isBlocked(shard));
    const still = behind.filter(
      (shard) =>
        !this.isBlocked(shard) &&
        !this.busy.has(shard) &&
        delivery.remainingBackoff(shard) === 0 &&
        this.stillFor(shard, reached.get(shard) ?? 0, now) >= STALL_TIMEOUT_MS,
    );
    const known = behind.filter(
      (shard) => this.healed.has(shard) && !still.includes(shard) && delivery.remainingBackoff(shard) === 0,
    );
    for (const [shard, { reason, empty }] of await this.reasons(still, reached))
      if (empty || now - this.waiting.get(shard)!.since >= LONG_STALL_TIMEOUT_MS)
        this.healed.set(shard, reason);
    const due = new Set([...blocked, ...known, ...still.filter((shard) => this.healed.has(shard))]);
    for (const shard of due) if (!this.isBlocked(shard)) this.lacking.add(shard);
    return due;
  }

  private isBlocked(shard: number): boolean {
    return this.obstacles.has(shard) || this.batches.has(shard);
  }

  private stillFor(shard: number, reached: number, now: number): number {
    const before = this.waiting.get(shard);
    if (before?.reached === reached) return now - before.since;
    this.waiting.set(shard, { reached, since: now });
    return 0;
  }

  /** What the topic has at the positions of the shards: nothing more, or messages that do not come. */
  private async reasons(
    shards: readonly number[],
    reached: ReadonlyMap<number, number>,
  ): Promise<Map<number, { reason: string; empty: boolean }>> {
    if (shards.length === 0) return new Map();
    const { topic, groupId } = this.options;
    const admin = this.kafka.admin({ retry: { retries: 1 } });
    try {
      await admin.connect();
      const ends = new Map(
        (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => [
          partition,
          { low: Number(low), high: Number(high) },
        ]),
      );
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const given = new Map(group!.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
      return new Map(
        shards.map((shard) => {
          const { low, high } = ends.get(shard) ?? { low: 0, high: 0 };
          const next = Math.max(low, this.next.get(shard) ?? given.get(shard) ?? 0);
          const there = `topic ${topic}, partition ${shard}, offset ${Math.min(next, high)}`;
          const lacks = `events after position ${reached.get(shard) ?? 0} are read from the store`;
          const empty = high <= next;
          return [
            shard,
            {
              empty,
              reason: `${empty ? 'the topic has no more' : `the topic gives nothing, though it ends at ${high}`} (${there}); ${lacks}`,
            },
          ];
        }),
      );
    } catch (error) {
      return new Map(
        shards.map((shard) => [
          shard,
          { reason: `topic ${topic} cannot be asked: ${(error as Error).message}`, empty: true },
        ]),
      );
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }
}
