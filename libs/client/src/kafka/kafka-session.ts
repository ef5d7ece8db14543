import { randomUUID } from 'node:crypto';
import type { Admin, Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { readingKafka, unreadableIn } from '#libs/messaging';
import type { BoundedQueue } from '../reading/bounded-queue.js';

export interface SessionOptions {
  topic: string;
  /** The offset to start at in a partition; deleted messages are skipped. */
  startOf: (partition: number) => number;
  /** Where to stop, by partition, given the present ends of the topic; undefined: never. */
  endsOf: (now: ReadonlyMap<number, number>) => ReadonlyMap<number, number> | undefined;
  /** Takes a message; an error ends the session. */
  onMessage: (partition: number, message: KafkaMessage) => void;
  /** Pauses the session while it is full. */
  queue: BoundedQueue;
  signal: AbortSignal;
}

const HEARTBEAT_MS = 1000;
const SESSION_MS = 10_000;
/** A fetch that finds nothing waits this long at the broker. */
const FETCH_WAIT_MS = 300;
/** kafkajs fetches all the time; after this time without a fetch, it is stuck. */
const STALL_TIMEOUT_MS = 60_000;
const DISCONNECT_TIMEOUT_MS = 5000;

/**
 * Reads all partitions of a topic through a consumer group of its own. It commits no offsets: whenever it joins the group,
 * it seeks to what it wants next. (Setting the group's offsets beforehand takes kafkajs more than 5 s.)
 */
export class KafkaSession {
  private readonly next = new Map<number, number>();
  private ends: ReadonlyMap<number, number> | undefined;
  private ended = false;
  private lastFetch = performance.now();
  private finish = () => {};
  private fail: (error: unknown) => void = () => {};
  private readonly over = new Promise<void>((resolve, reject) => {
    this.finish = resolve;
    this.fail = reject;
  });

  constructor(
    private readonly kafka: Kafka,
    private readonly options: SessionOptions,
  ) {
    this.over.catch(() => {});
  }

  /** Resolves at the ends, or at the signal. @throws where the brokers are away, or errors of `onMessage` */
  async run(): Promise<void> {
    const { topic, startOf, endsOf, signal } = this.options;
    const bounds = await withAdmin(this.kafka, (admin) => admin.fetchTopicOffsets(topic));
    for (const { partition, low, high } of bounds)
      this.next.set(partition, Math.min(Math.max(Number(low), startOf(partition)), Number(high)));
    this.ends = endsOf(new Map(bounds.map(({ partition, high }) => [partition, Number(high)])));
    if (this.isDone() || signal.aborted) return;
    const groupId = `${topic}.reader.${randomUUID()}`;
    const consumer = readingKafka(this.kafka).consumer({
      groupId,
      sessionTimeout: SESSION_MS,
      rebalanceTimeout: 30_000,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: FETCH_WAIT_MS,
      allowAutoTopicCreation: false,
      retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1000, restartOnFailure: async () => false },
    });
    const watch = setInterval(
      () =>
        performance.now() - this.lastFetch > STALL_TIMEOUT_MS &&
        this.fail(new Error('the consumer is stuck')),
      HEARTBEAT_MS,
    );
    signal.addEventListener('abort', this.finish, { once: true });
    try {
      await Promise.race([this.over, this.consume(consumer)]);
    } finally {
      this.ended = true;
      clearInterval(watch);
      signal.removeEventListener('abort', this.finish);
      await within(DISCONNECT_TIMEOUT_MS, this.leave(consumer, groupId));
    }
  }

  private async consume(consumer: Consumer): Promise<void> {
    const { topic } = this.options;
    const { GROUP_JOIN, FETCH_START, END_BATCH_PROCESS, CRASH } = consumer.events;
    consumer.on(GROUP_JOIN, () => {
      for (const [partition, offset] of this.next)
        consumer.seek({ topic, partition, offset: String(offset) });
    });
    consumer.on(FETCH_START, () => void (this.lastFetch = performance.now()));
    // Called also for batches with only control records, which kafkajs does not deliver.
    consumer.on(END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) =>
      this.pass(partition, Number(lastOffset)),
    );
    consumer.on(CRASH, ({ payload: { error } }) => this.fail(error));
    await consumer.connect();
    await consumer.subscribe({ topics: [topic], fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.take(payload),
    });
    await this.over;
  }

  private async take(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const { partition } = batch;
    const { onMessage, queue } = this.options;
    const end = this.ends?.get(partition) ?? Infinity;
    for (const message of batch.messages) {
      if (this.ended || Number(message.offset) >= end) return;
      try {
        const unreadable = unreadableIn(message);
        if (unreadable)
          throw new Error(
            `offset ${unreadable.offset} of partition ${partition} of topic ${batch.topic} cannot be read: ${unreadable.reason}`,
          );
        onMessage(partition, message);
      } catch (error) {
        this.ended = true;
        return this.fail(error);
      }
      while (queue.full) {
        await queue.room(HEARTBEAT_MS);
        this.lastFetch = performance.now();
        await payload.heartbeat();
      }
      this.next.set(partition, Number(message.offset) + 1);
      payload.resolveOffset(message.offset);
    }
    payload.resolveOffset(batch.lastOffset());
  }

  private pass(partition: number, offset: number): void {
    if (this.ended) return;
    this.next.set(partition, Math.max(offset + 1, this.next.get(partition) ?? 0));
    if (this.isDone()) this.finish();
  }

  private isDone(): boolean {
    return (
      this.ends !== undefined &&
      [...this.ends].every(([partition, end]) => (this.next.get(partition) ?? 0) >= end)
    );
  }

  private async leave(consumer: Consumer, groupId: string): Promise<void> {
    await consumer.disconnect();
    await withAdmin(this.kafka, (admin) => admin.deleteGroups([groupId]));
  }
}

async function withAdmin<T>(kafka: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** Attempts work that need not succeed, within a time limit. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  await Promise.race([work.catch(() => {}), late]);
  clearTimeout(timer);
}
