import { parseToken } from '#libs/domain';
import { positionsIn, type EventStore } from '#libs/log';
import { retry } from '#libs/concurrency';
import { ensureReplayTopic, faultOfReplayTopic, TopicMismatch, type Topics } from '#libs/messaging';
import type { Kafka } from 'kafkajs';
import type { JobHandler, JobProgress } from '../job-handler.js';
import { publish } from './publish.js';
import type { PublishSpec } from './publish-spec.js';
import type { Job } from '../job.js';

/** Kafka, with the service's own topics. */
export interface JobBroker {
  kafka: Kafka;
  topics: Topics;
}

const MAX_BACKOFF_MS = 5000;

/** Publishes a range of the history to a topic. Its cursor is the token that the brokers have acknowledged. */
export class PublishJobHandler implements JobHandler {
  readonly kind = 'publish';
  readonly exclusive = false;

  /** @param broker undefined if none is configured: then runs fail @param onError called with the errors that it waits out */
  constructor(
    private readonly store: EventStore,
    private readonly broker: JobBroker | undefined,
    private readonly onError: (error: unknown) => void = () => {},
  ) {}

  async run({ id, spec, cursor }: Job, progress: JobProgress, signal: AbortSignal): Promise<object> {
    const { topic, after, to, total, locations, types, speed } = spec as PublishSpec;
    if (!this.broker) throw new Error('the process that runs replays has no KAFKA_BROKERS');
    const { kafka, topics } = this.broker;
    const fault = faultOfReplayTopic(topic, topics);
    if (fault) throw new Error(`topic ${fault}`);
    await retry(() => ensureReplayTopic(kafka, topic, this.store.shards), {
      signal,
      onError: this.onError,
      isPermanent: (error) => error instanceof TopicMismatch,
      maxBackoffMs: MAX_BACKOFF_MS,
    });
    const range = await this.store.range({
      after: parseToken(cursor ?? after),
      to: parseToken(to),
      streams: locations,
      types,
    });
    const before = total - positionsIn(range);
    let messages = 0;
    progress.reach(before, { total, cursor: cursor ?? after });
    await publish(
      this.store,
      kafka,
      { runId: id, topic, range, speed },
      {
        onAcknowledged: async (range, sent) => {
          messages += sent;
          progress.reach(before + range.done, { cursor: this.store.epochs.format(range.token) });
        },
        onError: this.onError,
      },
      signal,
    );
    // A resumed run knows only its own messages.
    return { topic, token: to, messages: cursor === null ? messages : null };
  }

  /** Sent messages stay in the topic. */
  async discard(): Promise<void> {}
}
