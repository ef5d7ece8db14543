import type { KafkaMessage } from 'kafkajs';
import { envelopeOf, headerOf, readEventMessage, topicsOf } from '#libs/messaging';
import type { PlacedEvent } from '#libs/domain';
import { EpochChanged, EventsMissing, OtherStore } from '../errors.js';
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
  request: ReadRequest,
): AsyncGenerator<Entry, undefined> {
  const queue = new BoundedQueue(MAX_PREFETCHED);
  const ending = new AbortController();
  const end = () => {
    ending.abort();
    queue.end();
  };
  request.signal.addEventListener('abort', end, { once: true });
  if (request.signal.aborted) end();
  const running = readTopic(target, { ...request, signal: ending.signal }, queue).then(
    () => queue.end(),
    (error: unknown) => queue.end({ error }),
  );
  try {
    for (let entry = await queue.take(); entry; entry = await queue.take()) yield entry;
  } finally {
    request.signal.removeEventListener('abort', end);
    end();
    await running;
  }
}

/** Reads until the signal or the end; starts again after the brokers were away. */
async function readTopic(target: KafkaTarget, request: ReadRequest, queue: BoundedQueue): Promise<void> {
  const { after, follow, types, signal } = request;
  const kafka = createKafka(target);
  const { events: topic } = topicsOf(target.prefix);
  const positions = new Positions(after, true);
  const stream = new Stream(topic, positions, types, queue);
  const policy = new RetryPolicy({
    ...request,
    isTransient: (error) => error !== stream.wrong && !isPermanent(error),
  });
  let ends: ReadonlyMap<number, number> | undefined;
  const options = {
    topic,
    // The event at position p is at offset p - 1 or later, because repeats only push it back.
    startOf: (partition: number) => positions.overlapping.get(partition) ?? 0,
    endsOf: (now: ReadonlyMap<number, number>) => (follow ? undefined : (ends ??= now)),
    onMessage: (partition: number, message: KafkaMessage) => {
      policy.recovered();
      stream.take(partition, message);
    },
    queue,
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
    private readonly queue: BoundedQueue,
  ) {}

  take(partition: number, message: KafkaMessage): void {
    try {
      const { source, shard, position, epoch } = envelopeOf(message);
      this.source ??= source;
      if (source !== this.source) throw new OtherStore(this.source, source);
      if (shard !== partition) throw new Error(`the message is of shard ${shard}`);
      const digest = headerOf(message.headers, 'digest');
      if (!this.positions.take({ shard, position, epoch, digest })) return;
      const wanted = !this.types || this.types.includes(headerOf(message.headers, 'ce_type') ?? '');
      const event: PlacedEvent | undefined = wanted ? readEventMessage(message) : undefined;
      this.queue.put({ shard, position, ...(epoch > 0 && { epoch }), ...(event && { event }) });
    } catch (error) {
      const where = `topic ${this.topic}, partition ${partition}, offset ${message.offset}`;
      this.wrong =
        error instanceof OtherStore || error instanceof EventsMissing || error instanceof EpochChanged
          ? error
          : new Error(`${where}: ${(error as Error).message}`, { cause: error });
      throw this.wrong;
    }
  }
}
