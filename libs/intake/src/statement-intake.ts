import type { Kafka, KafkaMessage, Message } from 'kafkajs';
import { consume, DEAD_LETTER, Sender, type Delivered, type Handled, type Topics, type UnreadableBatch } from '#libs/wire';
import { Executor, type ExecutorParts, type Result } from './executor.js';
import { patiently } from './patience.js';
import { detailOf, requestOf, type Rejection } from './request.js';

/** What came of the messages of one batch that are done with. */
export interface IntakeBatch {
  partition: number;
  messages: number;
  /** The codes of those that became dead letters. */
  dead: string[];
}

export interface IntakeOptions extends ExecutorParts {
  topics: Topics;
  groupId: string;
  /** So long a command waits for a statement that nobody has recorded yet, in milliseconds. */
  patienceMs?: number;
  onBatch?: (batch: IntakeBatch) => void;
  onAssigned?: (partitions: readonly number[]) => void;
  /** Hears which batches cannot be read now, whenever that changes. */
  onUnreadable?: (now: readonly UnreadableBatch[]) => void;
}

const PATIENCE_MS = 10_000;
/** How often such a command is tried again. */
const AGAIN_MS = 500;
const PARTITIONS_AT_ONCE = 64;

/**
 * Takes statements and commands from the statements topic, a batch at a time. Offsets are committed after what they name is
 * recorded, or is among the dead letters; a crash in between makes it come again, and the log recognises it. Where the
 * database or the broker is away it waits, with the batch in hand, and fetches nothing more.
 */
export class StatementIntake {
  private readonly executor: Executor;
  private readonly sender: Sender;
  /** When commands on unknown statements were seen first, by partition and offset. */
  private readonly waiting = new Map<string, number>();

  constructor(
    private readonly kafka: Kafka,
    private readonly options: IntakeOptions,
  ) {
    this.executor = new Executor(options);
    this.sender = new Sender(kafka);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { topics, groupId, onUnreadable, onError } = this.options;
    const onAssigned = (partitions: readonly number[]) => {
      this.waiting.clear();
      this.options.onAssigned?.(partitions);
    };
    await consume(this.kafka, { topic: topics.statements, groupId, concurrency: PARTITIONS_AT_ONCE, onBatch: (batch, stale) => this.take(batch, stale), onAssigned, onUnreadable, onError }, signal);
    await this.sender.close();
  }

  private async take(batch: Delivered, stale: AbortSignal): Promise<Handled> {
    const { partition, messages } = batch;
    const origin = (message: KafkaMessage) => ({ topic: this.options.topics.statements, partition, offset: message.offset });
    let results: Result[];
    try {
      results = await this.executor.execute(messages.map((message) => requestOf(message, origin(message))), stale);
      const ids = messages.map(({ offset }) => `${partition}:${offset}`);
      const first = results.map((result, at) => this.mustWait(result, ids[at]!)).indexOf(true);
      const done = first < 0 ? messages.length : first;
      const dead = messages.slice(0, done).flatMap((message, at) => {
        const result = results[at]!;
        return 'rejection' in result ? [{ message, rejection: result.rejection }] : [];
      });
      if (dead.length > 0) await patiently(() => this.bury(partition, dead), stale, this.options.onError);
      for (const id of ids.slice(0, done)) this.waiting.delete(id);
      this.options.onBatch?.({ partition, messages: done, dead: dead.map(({ rejection }) => rejection.code) });
      return { upTo: messages[done - 1]?.offset, ...(first >= 0 && { restMs: AGAIN_MS }) };
    } catch (error) {
      // Whoever has the partition now, or after the restart, does all of it again; the log recognises what is there.
      if (stale.aborted) return { upTo: undefined };
      throw error;
    }
  }

  /** Whether it is a command whose statement may still be on its way. Everything before it is done with; it comes again. */
  private mustWait(result: Result, id: string): boolean {
    if (!('rejection' in result) || result.rejection.code !== 'statement-not-found') return false;
    const since = this.waiting.get(id) ?? performance.now();
    this.waiting.set(id, since);
    return performance.now() - since < (this.options.patienceMs ?? PATIENCE_MS);
  }

  private async bury(partition: number, dead: readonly { message: KafkaMessage; rejection: Rejection }[]): Promise<void> {
    const { statements, deadLetters } = this.options.topics;
    await this.sender.send(deadLetters, dead.map(({ message, rejection }) => deadLetter(message, { topic: statements, partition }, rejection)));
  }
}

const DETAIL_LENGTH = 4000;

/** The message whole, with what is wrong and where it came from beside its own headers. */
function deadLetter({ key, value, headers, offset }: KafkaMessage, { topic, partition }: { topic: string; partition: number }, rejection: Rejection): Message {
  return {
    key,
    value,
    headers: {
      ...headers,
      [DEAD_LETTER.code]: rejection.code,
      [DEAD_LETTER.detail]: detailOf(rejection).slice(0, DETAIL_LENGTH),
      [DEAD_LETTER.topic]: topic,
      [DEAD_LETTER.partition]: String(partition),
      [DEAD_LETTER.offset]: offset,
    },
  };
}
