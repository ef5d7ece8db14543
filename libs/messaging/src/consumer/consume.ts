import { setMaxListeners } from 'node:events';
import type { EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { Commits } from './commits.js';
import { readingKafka } from './fetching.js';
import { backoffMs, pause } from '#libs/concurrency';
import { TopicRecreated, TopicWatch } from '../topics/topic-watch.js';
import { UnreadableBatches, unreadableIn, type UnreadableBatch } from './unreadable-batches.js';

/** Messages of one partition, in order; few enough to be handled quickly. */
export interface Delivered {
  partition: number;
  messages: KafkaMessage[];
}

/** The result of handling a batch. */
export interface Handled {
  /** The offset of the last handled message: later ones are delivered again. Undefined: none. */
  upTo: string | undefined;
  /** How long the partition rests, in milliseconds; the others continue. */
  restMs?: number;
}

export interface Consumption {
  topic: string;
  groupId: string;
  /** How many partitions are handled at once. */
  concurrency: number;
  /**
   * Handles messages. It should return soon when its signal is aborted: the partition may belong to another member now, or
   * the consumer is ending. An error makes the consumer start again.
   */
  onBatch: (batch: Delivered, signal: AbortSignal) => Promise<Handled>;
  /**
   * Where to start each partition, regardless of the offsets of the group: asked whenever a consumer starts. Nothing is
   * committed then.
   */
  startAt?: () => ReadonlyMap<number, number>;
  /** Called with the partitions of this member. */
  onAssigned?: (partitions: readonly number[]) => void;
  /** Called with the progress of a partition: messages before `next` were handled, or are not visible to consumers. */
  onReached?: (partition: number, next: number) => void;
  /** Called with the batches that cannot be read now, whenever that changes. Their partitions rest and are retried. */
  onUnreadable?: (now: readonly UnreadableBatch[]) => void;
  /** Whether to skip an unreadable batch that begins at this offset: asked each time that it is met. */
  passOver?: (partition: number, offset: string) => boolean;
  /** Called for errors; the consumer continues. */
  onError: (error: unknown) => void;
}

const SESSION_MS = 10_000;
const HEARTBEAT_MS = 1000;
/** A fetch may bring thousands. They are handled in parts, so that little is repeated if the membership is lost. */
const MAX_BATCH = 500;
/** A fetch that finds nothing waits this long at the broker; a partition that has rested waits for the next one. */
const FETCH_WAIT_MS = 300;
const MAX_BACKOFF_MS = 2000;
/** A consumer that ran this long has recovered from earlier failures. */
const RECOVERED_MS = 20_000;
const DISCONNECT_TIMEOUT_MS = 5000;
/** The interval of checks that the topic is still the same. */
const SAME_TOPIC_MS = 5000;
/** How often in a row this check may fail before the consumer restarts: meanwhile commits may be held. */
const MAX_FAILED_CHECKS = 6;

/**
 * Consumes a topic in a group until the signal is aborted. Only offsets of handled messages are committed. It survives
 * outages of any length: kafkajs gives up earlier than documented, so a consumer that crashed is replaced by a new one.
 */
export async function consume(kafka: Kafka, consumption: Consumption, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted;) {
    const begun = performance.now();
    try {
      await consumeOnce(kafka, consumption, signal);
    } catch (error) {
      if (signal.aborted) return;
      consumption.onError(error);
      failures = performance.now() - begun > RECOVERED_MS ? 1 : failures + 1;
      await pause(backoffMs(failures, MAX_BACKOFF_MS), signal);
    }
  }
}

async function consumeOnce(kafka: Kafka, consumption: Consumption, signal: AbortSignal): Promise<void> {
  const { topic, groupId, concurrency, startAt, onAssigned, onReached, onUnreadable, onError } = consumption;
  const watch = startAt ? undefined : await TopicWatch.begin(kafka, topic, groupId);
  if (signal.aborted) return watch?.close();
  const consumer = readingKafka(kafka).consumer({
    groupId,
    sessionTimeout: SESSION_MS,
    rebalanceTimeout: 30_000,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    allowAutoTopicCreation: false,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1000, restartOnFailure: async () => false },
  });
  const ending = new AbortController();
  // Each batch under way listens.
  setMaxListeners(concurrency + 10, ending.signal);
  const end = () => ending.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const commits = new Commits(consumer, topic, watch?.metadata ?? null);
  const unreadable = new UnreadableBatches(topic, onUnreadable);
  const reached = (partition: number, lastOffset: string) => {
    const next = BigInt(lastOffset) + 1n;
    commits.due(partition, String(next));
    onReached?.(partition, Number(next));
  };
  let mine: readonly number[] = [];
  let fail: (error: Error) => void = () => {};
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => {});
  let blind = 0;
  const lookAtTopic = async () => {
    if (!watch) return;
    try {
      const stale = await watch.check(mine);
      commits.release(new Map(stale.map((partition) => [partition, watch.restarts.get(partition)!])));
      blind = 0;
    } catch (error) {
      if (error instanceof TopicRecreated || ++blind === MAX_FAILED_CHECKS) fail(error as Error);
    }
  };
  const looking = setInterval(() => void lookAtTopic(), SAME_TOPIC_MS);
  const { CRASH, GROUP_JOIN, END_BATCH_PROCESS } = consumer.events;
  consumer.on(CRASH, ({ payload }) => fail(payload.error));
  consumer.on(GROUP_JOIN, ({ payload }) => {
    mine = (payload.memberAssignment[topic] ?? []).map(Number);
    commits.hold();
    void lookAtTopic();
    unreadable.forgetAll();
    onAssigned?.(mine);
  });
  // kafkajs does not deliver batches that hold only invisible records.
  consumer.on(END_BATCH_PROCESS, ({ payload: { partition, batchSize, lastOffset } }) => {
    if (batchSize === 0) reached(partition, lastOffset);
  });
  const consuming = async () => {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch: (payload) =>
        handle(payload, consumption, ending.signal, unreadable, (lastOffset) =>
          reached(payload.batch.partition, lastOffset),
        ),
    });
    // At once, before the first fetch is answered.
    for (const [partition, offset] of startAt?.() ?? watch?.restarts ?? [])
      consumer.seek({ topic, partition, offset: String(offset) });
    await failed;
  };
  try {
    await Promise.race([consuming(), failed, aborted(ending.signal)]);
  } finally {
    end();
    signal.removeEventListener('abort', end);
    clearInterval(looking);
    unreadable.forgetAll();
    await within(
      DISCONNECT_TIMEOUT_MS,
      commits.close().then(() => consumer.disconnect()),
    ).catch(onError);
    await within(DISCONNECT_TIMEOUT_MS, watch?.close() ?? Promise.resolve()).catch(onError);
  }
}

/** Handles a fetched batch of one partition, with heartbeats meanwhile. */
async function handle(
  payload: EachBatchPayload,
  { onBatch, passOver }: Consumption,
  ending: AbortSignal,
  unreadable: UnreadableBatches,
  onDone: (lastOffset: string) => void,
): Promise<void> {
  const { batch } = payload;
  const { partition } = batch;
  const cannot = unreadableIn(batch.messages.at(-1));
  const messages = cannot ? batch.messages.slice(0, -1) : batch.messages;
  const stale = new AbortController();
  const give = () => stale.abort();
  ending.addEventListener('abort', give, { once: true });
  if (ending.aborted || !payload.isRunning()) give();
  const rest = (ms: number) => !stale.signal.aborted && setTimeout(payload.pause(), ms).unref();
  let lost: Error | undefined;
  const timer = setInterval(() => {
    payload.heartbeat().catch((error: Error) => {
      lost ??= error;
      give();
    });
  }, HEARTBEAT_MS);
  try {
    let done = 0;
    while (done < messages.length && !stale.signal.aborted) {
      const part = messages.slice(done, done + MAX_BATCH);
      const { upTo, restMs } = await onBatch({ partition, messages: part }, stale.signal);
      if (upTo !== undefined) {
        payload.resolveOffset(upTo);
        // kafkajs continues behind the invisible records after the last message that it shows.
        onDone(upTo === batch.messages.at(-1)!.offset ? batch.lastOffset() : upTo);
      }
      if (restMs !== undefined) rest(restMs);
      if (upTo !== part.at(-1)!.offset) break;
      done += part.length;
    }
    if (!cannot) unreadable.forget(partition);
    else if (done === messages.length && passOver?.(partition, cannot.offset)) {
      payload.resolveOffset(cannot.lastOffset);
      onDone(cannot.lastOffset);
      unreadable.forget(partition);
    } else if (done === messages.length) rest(unreadable.found(partition, cannot));
  } finally {
    clearInterval(timer);
    ending.removeEventListener('abort', give);
  }
  // This signals to kafkajs that the group is rebalancing, so that it joins again.
  if (lost) throw lost;
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Limits the wait for work that may never end, such as disconnecting from a broker that is gone. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | void> {
  let timer: NodeJS.Timeout;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
