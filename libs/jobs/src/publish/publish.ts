import { type UnreadableEvent, UnreadableShards } from '#libs/domain';
import type { EventStore, LogRange, TracedEvent } from '#libs/log';
import { retry } from '#libs/concurrency';
import {
  eventMessage,
  isPermanent,
  ReliableProducer,
  RequestBudget,
  sourceOf,
  type EventMessage,
} from '#libs/messaging';
import type { Kafka } from 'kafkajs';
import { machineClock, throttleToRecordedTime, type Clock, type Speed } from './pacing.js';
import { RangeProgress } from '../range-progress.js';

/** The header that distinguishes a replayed message from one of the live log: its value is the id of the run. */
export const REPLAY = 'replay';

/** A range of the log to be sent to a topic. */
export interface Publication {
  runId: string;
  topic: string;
  range: LogRange;
  speed?: Speed | undefined;
}

export interface PublishOptions {
  /** Called with the acknowledged token and the number of messages; awaited before more is sent. */
  onAcknowledged: (range: RangeProgress, messages: number) => Promise<void>;
  /** Called for a failed send, which is retried. */
  onError: (error: unknown) => void;
  clock?: Clock;
}

const MAX_BATCH = 2000;
const MAX_BACKOFF_MS = 5000;

/**
 * Sends a range of the log to a topic whose partitions are the shards, each in the order of positions. A message counts
 * once every broker has acknowledged it; after a failure, unacknowledged messages are sent again, so that none is missing.
 * Waits during outages of the brokers.
 * @throws Error if the topic will never take a message; the signal's reason; UnreadableShards, after everything else was sent:
 * of a shard with an unreadable event only those before it are
 */
export async function publish(
  store: EventStore,
  kafka: Kafka,
  { runId, topic, range, speed }: Publication,
  options: PublishOptions,
  signal: AbortSignal,
): Promise<void> {
  const { onAcknowledged, onError, clock = machineClock } = options;
  const source = sourceOf(store.id);
  const progress = new RangeProgress(range);
  const producer = new ReliableProducer(kafka);
  const unreadable: UnreadableEvent[] = [];
  try {
    for await (const rows of throttleToRecordedTime(
      store.readRange(range, undefined, (event) => unreadable.push(event)),
      { speed, clock, most: MAX_BATCH, sizeOf: () => 1 },
      signal,
    ))
      for (const portion of limitByBytes(rows)) {
        const messages = portion.map((row) => replayMessage(row, source, runId));
        await retry(() => orAborted(producer.send(topic, messages), signal), {
          signal,
          onError,
          isPermanent,
          maxBackoffMs: MAX_BACKOFF_MS,
        });
        for (const row of portion) progress.reach(row);
        await onAcknowledged(progress, portion.length);
      }
    signal.throwIfAborted();
    progress.end(unreadable);
    await onAcknowledged(progress, 0);
    if (unreadable.length > 0) throw new UnreadableShards(unreadable);
  } finally {
    await producer.close();
  }
}

function replayMessage(row: TracedEvent, source: string, runId: string): EventMessage {
  const message = eventMessage(row, source);
  return { ...message, headers: { ...message.headers, [REPLAY]: runId } };
}

/** A send to an absent broker takes long to fail, and a cancellation must not wait for it. @throws the signal's reason */
async function orAborted(sending: Promise<void>, signal: AbortSignal): Promise<void> {
  let give!: () => void;
  const aborted = new Promise<never>((_, reject) => (give = () => reject(signal.reason as Error)));
  signal.addEventListener('abort', give, { once: true });
  await Promise.race([sending, aborted]).finally(() => signal.removeEventListener('abort', give));
}

/** Splits rows into requests that a broker takes, by the bytes of each partition; the order stays. */
export function limitByBytes<T extends Pick<TracedEvent, 'shard' | 'body' | 'stream'>>(
  rows: readonly T[],
): T[][] {
  const cut: T[][] = [];
  let request: RequestBudget | undefined;
  for (const row of rows) {
    if (!request?.takes(row)) {
      request = new RequestBudget();
      request.takes(row);
      cut.push([]);
    }
    cut.at(-1)!.push(row);
  }
  return cut;
}
