import type { KafkaMessage } from 'kafkajs';
import { envelopeOf, headerOf, readEventMessage, topicsOf } from '#libs/messaging';
import type { PlacedEvent } from '#libs/domain';
import { EventsMissing, OtherStore } from '../errors.js';
import { BoundedQueue } from '../reading/bounded-queue.js';
import { createKafka } from './kafka-client.js';
import { isPermanent } from './kafka-loading.js';
import { KafkaSession } from './kafka-session.js';
import { RetryPolicy } from '../retry-policy.js';
import { Positions } from '../reading/positions.js';
import type { Entry, ReadRequest } from '../reading/read-request.js';
import type { KafkaTarget } from '../target.js';

/** The limit of events that were fetched and not taken yet. */
const MAX_PREFETCHED = 500;

/** The events after a token from the events topic, whose partitions are the shards. */
export async function* kafkaEntries(
  target: KafkaTarget,
  reading: ReadRequest,
): AsyncGenerator<Entry, undefined> {
  const handOver = new BoundedQueue(MAX_PREFETCHED);
  const ending = new AbortController();
  const end = () => {
    ending.abort();
    handOver.end();
  };
  reading.signal.addEventListener('abort', end, { once: true });
  if (reading.signal.aborted) end();
  const running = readTopic(target, { ...reading, signal: ending.signal }, handOver).then(
    () => handOver.end(),
    (error: unknown) => handOver.end({ error }),
  );
  try {
    for (let entry = await handOver.take(); entry; entry = await handOver.take()) yield entry;
  } finally {
    reading.signal.removeEventListener('abort', end);
    end();
    await running;
  }
}

/** Reads until the signal or the end; starts again after the brokers were away. */
async function readTopic(target: KafkaTarget, reading: ReadRequest, handOver: BoundedQueue): Promise<void> {
  const { after, follow, types, signal } = reading;
  const kafka = createKafka(target);
  const { events: topic } = topicsOf(target.prefix);
  const positions = new Positions(after, true);
  const stream = new Stream(topic, positions, types, handOver);
  const policy = new RetryPolicy({
    ...reading,
    isTransient: (error) => error !== stream.wrong && !isPermanent(error),
  });
  let ends: ReadonlyMap<number, number> | undefined;
  const options = {
    topic,
    // The event at position p is at offset p - 1 or later, because repeats only push it back.
    startOf: (partition: number) => positions.of(partition),
    endsOf: (now: ReadonlyMap<number, number>) => (follow ? undefined : (ends ??= now)),
    onMessage: (partition: number, message: KafkaMessage) => {
      policy.recovered();
      stream.take(partition, message);
    },
    handOver,
    signal,
  };
  for (;;) {
    try {
      return await new KafkaSession(kafka, options).run();
    } catch (error) {
      await policy.backOff(error);
    }
  }
}

/** Converts messages of the topic to events. */
class Stream {
  /** The error in a message, which retrying would not change. */
  wrong: unknown;
  private source: string | undefined;

  constructor(
    private readonly topic: string,
    private readonly positions: Positions,
    private readonly types: readonly string[] | undefined,
    private readonly handOver: BoundedQueue,
  ) {}

  take(partition: number, message: KafkaMessage): void {
    try {
      const { source, shard, position } = envelopeOf(message);
      this.source ??= source;
      if (source !== this.source) throw new OtherStore(this.source, source);
      if (shard !== partition) throw new Error(`the message is of shard ${shard}`);
      if (!this.positions.take(shard, position)) return;
      const wanted = !this.types || this.types.includes(headerOf(message.headers, 'ce_type') ?? '');
      const event: PlacedEvent | undefined = wanted ? readEventMessage(message) : undefined;
      this.handOver.put({ shard, position, ...(event && { event }) });
    } catch (error) {
      const where = `topic ${this.topic}, partition ${partition}, offset ${message.offset}`;
      this.wrong =
        error instanceof OtherStore || error instanceof EventsMissing
          ? error
          : new Error(`${where}: ${(error as Error).message}`, { cause: error });
      throw this.wrong;
    }
  }
}
