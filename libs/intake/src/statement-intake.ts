import type { Kafka, KafkaMessage } from 'kafkajs';
import type pg from 'pg';
import {
  consume,
  headerOf,
  ReliableProducer,
  type Delivered,
  type Handled,
  type Topics,
  type UnreadableBatch,
} from '#libs/messaging';
import { traced, type Tracing } from '#libs/platform';
import { keepDeadLetters } from './dead-letters/dead-letter-keeping.js';
import { deadLetterMessage, readDeadLetter } from './dead-letters/dead-letter-message.js';
import { Executor, type ExecutorParts, type ExecutionResult } from './requests/executor.js';
import { requestOf, type Origin, type RejectedRequest } from './requests/request.js';
import { fateOf, MessageError, retryByPolicy } from './requests/retry-policy.js';

/** The outcome of the finished messages of one batch. */
export interface IntakeBatch {
  partition: number;
  messages: number;
  /** The codes of those that became dead letters. */
  dead: string[];
}

export interface IntakeOptions extends ExecutorParts {
  topics: Topics;
  groupId: string;
  /** Whether events name who a header says sends a message (default: they name the topic). */
  producersTrusted?: boolean | undefined;
  /** Keeps dead letters that their topic refuses. */
  pool: pg.Pool;
  /** The time that a command waits for a statement that is not recorded yet, in milliseconds. */
  commandTimeoutMs?: number;
  onBatch?: (batch: IntakeBatch) => void;
  onAssigned?: (partitions: readonly number[]) => void;
  /** Called with the batches that cannot be read now, whenever they change. */
  onUnreadable?: (now: readonly UnreadableBatch[]) => void;
  tracing?: Tracing | undefined;
}

const WAIT_TIMEOUT_MS = 10_000;
/** The interval between retries of such a command, in milliseconds. */
const RETRY_MS = 500;
const MAX_CONCURRENT_PARTITIONS = 64;

/**
 * Takes statements and commands from the statements topic, a batch at a time. An offset is committed after its message is
 * recorded, or is a dead letter; after a crash in between, the message comes again, and the log recognises it. While the
 * database or the broker is away, it waits with the batch in hand, and fetches nothing more.
 */
export class StatementIntake {
  private readonly executor: Executor;
  private readonly producer: ReliableProducer;
  /** When commands on unknown statements were seen first, by partition and offset. */
  private readonly waiting = new Map<string, number>();

  constructor(
    private readonly kafka: Kafka,
    private readonly options: IntakeOptions,
  ) {
    this.executor = new Executor(options);
    this.producer = new ReliableProducer(kafka);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { topics, groupId, onUnreadable, onError, tracing } = this.options;
    const onAssigned = (partitions: readonly number[]) => {
      this.waiting.clear();
      this.options.onAssigned?.(partitions);
    };
    await consume(
      this.kafka,
      {
        topic: topics.statements,
        groupId,
        concurrency: MAX_CONCURRENT_PARTITIONS,
        onBatch: (batch, stale) =>
          traced(
            tracing,
            `process ${topics.statements}`,
            () => processing(topics.statements, batch),
            () => this.take(batch, stale),
          ),
        onAssigned,
        onUnreadable,
        onError,
      },
      signal,
    );
    await this.producer.close();
  }

  private async take(batch: Delivered, stale: AbortSignal): Promise<Handled> {
    const { partition, messages } = batch;
    const origin = (message: KafkaMessage) => ({
      topic: this.options.topics.statements,
      partition,
      offset: message.offset,
    });
    let results: ExecutionResult[];
    try {
      results = await this.executor.execute(
        messages.map((message) => requestOf(message, origin(message), this.options.producersTrusted)),
        stale,
      );
      const ids = messages.map(({ offset }) => `${partition}:${offset}`);
      const first = results.map((result, at) => this.mustWait(result, ids[at]!)).indexOf(true);
      const done = first < 0 ? messages.length : first;
      const dead = messages.slice(0, done).flatMap((message, at) => {
        const result = results[at]!;
        return 'rejection' in result
          ? [{ message, origin: origin(message), rejection: result.rejection }]
          : [];
      });
      if (dead.length > 0) await this.bury(dead, stale);
      for (const id of ids.slice(0, done)) this.waiting.delete(id);
      this.options.onBatch?.({
        partition,
        messages: done,
        dead: dead.map(({ rejection }) => rejection.code),
      });
      return { upTo: messages[done - 1]?.offset, ...(first >= 0 && { restMs: RETRY_MS }) };
    } catch (error) {
      // The next owner of the partition, or this one after a restart, repeats all of it; the log recognises what is recorded.
      if (stale.aborted) return { upTo: undefined };
      throw error;
    }
  }

  /** Whether it is a command whose statement may still be on its way. All messages before it are finished; it comes again. */
  private mustWait(result: ExecutionResult, id: string): boolean {
    if (!('rejection' in result) || fateOf({ refusal: result.rejection.code }) === 'dead letter')
      return false;
    const since = this.waiting.get(id) ?? performance.now();
    this.waiting.set(id, since);
    return performance.now() - since < (this.options.commandTimeoutMs ?? WAIT_TIMEOUT_MS);
  }

  /** A dead letter that its topic never takes is kept in the database at once, where `claimline dead-letters` would copy it anyway. */
  private async bury(dead: readonly DeadMessage[], stale: AbortSignal): Promise<void> {
    const { topics, pool, onError } = this.options;
    const messages = dead.map(({ message, origin, rejection }) =>
      deadLetterMessage(message, origin, rejection),
    );
    try {
      return await retryByPolicy(() => this.producer.send(topics.deadLetters, messages), stale, onError);
    } catch (error) {
      if (stale.aborted || !(error instanceof MessageError)) throw error;
      if (dead.length === 1) {
        const letter = readDeadLetter(
          { ...dead[0]!.message, headers: messages[0]!.headers, timestamp: String(Date.now()) },
          dead[0]!.origin,
        );
        onError(
          new Error(
            `the dead letter ${letter.topic} ${letter.partition}:${letter.offset} is refused by its topic, and is kept in the database`,
            { cause: error.cause },
          ),
        );
        await retryByPolicy(
          () => keepDeadLetters(pool, [letter], (_, refused) => onError(refused)),
          stale,
          onError,
        );
        return;
      }
    }
    const middle = Math.ceil(dead.length / 2);
    await this.bury(dead.slice(0, middle), stale);
    await this.bury(dead.slice(middle), stale);
  }
}

const processing = (topic: string, { partition, messages }: Delivered) =>
  ({
    kind: 'consumer',
    of: messages.map(({ headers }) => headerOf(headers, 'traceparent')),
    attributes: {
      'messaging.system': 'kafka',
      'messaging.operation.type': 'process',
      'messaging.destination.name': topic,
      'messaging.destination.partition.id': String(partition),
      'messaging.batch.message_count': messages.length,
    },
  }) as const;

interface DeadMessage {
  message: KafkaMessage;
  origin: Origin;
  rejection: RejectedRequest;
}
