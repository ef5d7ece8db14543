import { setMaxListeners } from 'node:events';
import type { EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { Commits } from './commits.js';
import { readingKafka } from './fetching.js';
import { backOff, pause } from './patience.js';
import { TopicMadeAnew, TopicWatch } from './topic-watch.js';
import { UnreadableBatches, unreadableIn, type UnreadableBatch } from './unreadable-batches.js';

/** Messages of one partition, in order; as many as can be handled in a moment. */
export interface Delivered {
  partition: number;
  messages: KafkaMessage[];
}

/** How far a batch was handled. */
export interface Handled {
  /** The offset of the last message that is done with: what comes after it is delivered again. Undefined: none. */
  upTo: string | undefined;
  /** The partition is left alone for so long, in milliseconds; the others go on. */
  restMs?: number;
}

export interface Consumption {
  topic: string;
  groupId: string;
  /** How many partitions are handled at once. */
  concurrency: number;
  /**
   * Handles messages; its signal is given where the partition may belong to another member now, or all is to end: then it
   * should return soon. What it throws makes the consumer begin anew.
   */
  onBatch: (batch: Delivered, signal: AbortSignal) => Promise<Handled>;
  /** Where each partition is begun, whatever the group has committed: asked whenever a consumer begins anew. Nothing is committed then. */
  startAt?: () => ReadonlyMap<number, number>;
  /** Hears which partitions this member has now. */
  onAssigned?: (partitions: readonly number[]) => void;
  /** Hears how far a partition is done with: what comes before `next` was handled, or is for nobody to see. */
  onReached?: (partition: number, next: number) => void;
  /** Hears which batches cannot be read now, whenever that changes. Their partitions rest and are tried again; the others go on. */
  onUnreadable?: (now: readonly UnreadableBatch[]) => void;
  /** Whether to go on behind a batch that cannot be read, which begins at this offset: asked each time that it is met. */
  passOver?: (partition: number, offset: string) => boolean;
  /** Hears of what went wrong; it goes on. */
  onError: (error: unknown) => void;
}

const SESSION_MS = 10_000;
const HEARTBEAT_MS = 1000;
/** A fetch may bring thousands. They are handled in parts, so that what is done is done, should the membership be lost. */
const AT_ONCE = 500;
/** A fetch that finds nothing waits so long at the broker; a partition that has rested waits for the next one. */
const FETCH_WAIT_MS = 300;
const MOST_REST_MS = 2000;
/** A consumer that ran so long has recovered from what failed before. */
const RECOVERED_MS = 20_000;
const GOODBYE_MS = 5000;
/** How often it is looked whether the topic is still the same. */
const SAME_TOPIC_MS = 5000;
/** How often in a row that may fail before a consumer begins anew: meanwhile it may be forbidden to commit. */
const MOST_BLIND = 6;

/**
 * Consumes a topic in a group until the signal is given. Offsets are committed only of what is done with. It survives
 * outages of any length: kafkajs gives up sooner than it says, so a consumer that crashed is replaced by a new one.
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
      await pause(backOff(failures, MOST_REST_MS), signal);
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
      commits.release(new Map(stale.map((partition) => [partition, watch.anew.get(partition)!])));
      blind = 0;
    } catch (error) {
      if (error instanceof TopicMadeAnew || ++blind === MOST_BLIND) fail(error as Error);
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
  // kafkajs keeps to itself what holds only records that nobody is to see.
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
    for (const [partition, offset] of startAt?.() ?? watch?.anew ?? [])
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
      GOODBYE_MS,
      commits.close().then(() => consumer.disconnect()),
    ).catch(onError);
    await within(GOODBYE_MS, watch?.close() ?? Promise.resolve()).catch(onError);
  }
}

/** What was fetched of one partition, with heartbeats as long as it takes. */
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
      const part = messages.slice(done, done + AT_ONCE);
      const { upTo, restMs } = await onBatch({ partition, messages: part }, stale.signal);
      if (upTo !== undefined) {
        payload.resolveOffset(upTo);
        // kafkajs goes on behind what comes after the last message that it shows.
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
  // kafkajs sees from it that the group is rebalancing, and joins again.
  if (lost) throw lost;
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });

/** Gives up waiting for what may never end: a goodbye to a broker that is gone. */
async function within<T>(ms: number, work: Promise<T>): Promise<T | void> {
  let timer: NodeJS.Timeout;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
