import type { Kafka } from 'kafkajs';
import type pg from 'pg';
import { ownHeaders, readToEnd, type Delivered } from '#libs/messaging';
import { keepDeadLetters, NOT_KEPT } from './dead-letter-keeping.js';
import { readDeadLetter } from './dead-letter-message.js';
import {
  decide,
  findDeadLetter,
  readFrom,
  readUpTo,
  selectDeadLetters,
  type DeadLetter,
  type DeadLetterFilter,
} from './dead-letter-rows.js';
import type { Executor, ExecutionResult } from '../requests/executor.js';
import { requestOf, type Origin } from '../requests/request.js';
import { headersFrom } from './stored-bytes.js';

const PAGE_SIZE = 200;

/** The messages that could not be recorded: each once, by its origin, however often the topic of dead letters has it. */
export class DeadLetters {
  constructor(
    private readonly pool: pg.Pool,
    private readonly kafka: Kafka,
    /** The topic of dead letters. */
    private readonly topic: string,
    private readonly executor: Pick<Executor, 'execute'>,
    /** Called for one that the database refuses; the topic still has it. */
    private readonly onRefused: (letter: Origin, error: Error) => void,
  ) {}

  /** Reads the new messages of the topic, up to its present end. @returns the number of new dead letters */
  async collect(signal: AbortSignal): Promise<number> {
    const cluster = await this.clusterId();
    let found = 0;
    const keep = async ({ partition, messages }: Delivered) => {
      const letters = messages.map((message) =>
        readDeadLetter(message, { topic: this.topic, partition, offset: message.offset }),
      );
      found += await keepDeadLetters(this.pool, letters, this.onRefused);
      await readUpTo(this.pool, cluster, this.topic, partition, Number(messages.at(-1)!.offset) + 1);
    };
    await readToEnd(this.kafka, this.topic, await readFrom(this.pool, cluster, this.topic), keep, signal);
    return found;
  }

  find(origin: Origin): Promise<DeadLetter | undefined> {
    return findDeadLetter(this.pool, origin);
  }

  /** Those that match a filter, in order of their origin, read page by page: decisions made meanwhile do not interfere. */
  async *list(filter: DeadLetterFilter): AsyncGenerator<DeadLetter> {
    for (let { after } = filter; ;) {
      const page = await selectDeadLetters(this.pool, { ...filter, after }, PAGE_SIZE);
      yield* page;
      if (page.length < PAGE_SIZE) return;
      after = page.at(-1);
    }
  }

  /**
   * Carries out the request of a dead letter. If it succeeds now, it is marked as retried; else it stays as it is.
   * @param mended instead of its value
   */
  async retry(
    letter: DeadLetter,
    { mended, by, signal }: { mended?: Buffer | undefined; by?: string | undefined; signal: AbortSignal },
  ): Promise<ExecutionResult> {
    if (letter.code === NOT_KEPT && !mended) return { rejection: { code: NOT_KEPT, detail: letter.detail } };
    const request = requestOf(
      { value: mended ?? letter.value, headers: ownHeaders(headersFrom(letter.headers)) },
      letter,
    );
    const [result] = await this.executor.execute([request], signal);
    if ('receipt' in result!)
      await decide(this.pool, letter, 'retried', { by, eventId: result.receipt.eventId });
    return result!;
  }

  async discard(letter: Origin, by?: string): Promise<void> {
    await decide(this.pool, letter, 'discarded', { by });
  }

  private async clusterId(): Promise<string> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      return (await admin.describeCluster()).clusterId;
    } finally {
      await admin.disconnect();
    }
  }
}
