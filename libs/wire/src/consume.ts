import { setMaxListeners } from 'node:events';
import type { EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { backOff, pause } from './patience.js';

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
  /** Where each partition is begun, whatever the group has committed: asked whenever a consumer begins anew. */
  startAt?: () => ReadonlyMap<number, number>;
  /** Hears which partitions this member has now. */
  onAssigned?: (partitions: readonly number[]) => void;
  /** Hears of what went wrong; it goes on. */
  onError: (error: unknown) => void;
}

const SESSION_MS = 10_000;
const HEARTBEAT_MS = 1000;
const COMMIT_MS = 100;
/** A fetch may bring thousands. They are handled in parts, so that what is done is done, should the membership be lost. */
const AT_ONCE = 500;
/** A fetch that finds nothing waits so long at the broker; a partition that has rested waits for the next one. */
const FETCH_WAIT_MS = 300;
const MOST_REST_MS = 2000;
/** A consumer that ran so long has recovered from what failed before. */
const RECOVERED_MS = 20_000;
const GOODBYE_MS = 5000;

/**
 * Consumes a topic in a group until the signal is given. Offsets are committed only of what is done with. It survives
 * outages of any length: kafkajs gives up sooner than it says, so a consumer that crashed is replaced by a new one.
 */
export async function consume(kafka: Kafka, consumption: Consumption, signal: AbortSignal): Promise<void> {
  for (let failures = 0; !signal.aborted; ) {
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
  const { topic, groupId, concurrency, startAt, onAssigned, onError } = consumption;
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: SESSION_MS,
    rebalanceTimeout: 30_000,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1000, restartOnFailure: async () => false },
  });
  const ending = new AbortController();
  // Each batch under way listens.
  setMaxListeners(concurrency + 10, ending.signal);
  const end = () => ending.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  const commits = new Commits();
  const crashed = new Promise<never>((_, reject) => consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error)));
  crashed.catch(() => {});
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => onAssigned?.((payload.memberAssignment[topic] ?? []).map(Number)));
  const consuming = async () => {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: concurrency,
      eachBatch: async (payload) => {
        await handle(payload, consumption, ending.signal, () => commits.due(payload));
      },
    });
    // At once, before the first fetch is answered.
    for (const [partition, offset] of startAt?.() ?? []) consumer.seek({ topic, partition, offset: String(offset) });
    await crashed;
  };
  try {
    await Promise.race([consuming(), aborted(ending.signal)]);
  } finally {
    end();
    signal.removeEventListener('abort', end);
    await within(GOODBYE_MS, commits.flush().then(() => consumer.disconnect())).catch(onError);
  }
}

/**
 * Commits what is done with, of all partitions at once and now and then: kafkajs would do it for each batch of each. One
 * that fails, or comes too late for the next member, makes messages come again, and nothing else.
 */
class Commits {
  private waiting: { payload: EachBatchPayload; timer: NodeJS.Timeout } | undefined;

  due(payload: EachBatchPayload): void {
    if (this.waiting) this.waiting.payload = payload;
    else this.waiting = { payload, timer: setTimeout(() => void this.flush(), COMMIT_MS) };
  }

  async flush(): Promise<void> {
    if (!this.waiting) return;
    const { payload, timer } = this.waiting;
    this.waiting = undefined;
    clearTimeout(timer);
    await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets()).catch(() => {});
  }
}

/** What was fetched of one partition, with heartbeats as long as it takes. */
async function handle(payload: EachBatchPayload, { onBatch }: Consumption, ending: AbortSignal, onDone: () => void): Promise<void> {
  const { partition, messages } = payload.batch;
  const stale = new AbortController();
  const give = () => stale.abort();
  ending.addEventListener('abort', give, { once: true });
  if (ending.aborted || !payload.isRunning()) give();
  let lost: Error | undefined;
  const timer = setInterval(() => {
    payload.heartbeat().catch((error: Error) => {
      lost ??= error;
      give();
    });
  }, HEARTBEAT_MS);
  try {
    for (let at = 0; at < messages.length && !stale.signal.aborted; at += AT_ONCE) {
      const part = messages.slice(at, at + AT_ONCE);
      const { upTo, restMs } = await onBatch({ partition, messages: part }, stale.signal);
      if (upTo !== undefined) {
        payload.resolveOffset(upTo);
        onDone();
      }
      if (restMs !== undefined && !stale.signal.aborted) setTimeout(payload.pause(), restMs).unref();
      if (upTo !== part.at(-1)!.offset) break;
    }
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

