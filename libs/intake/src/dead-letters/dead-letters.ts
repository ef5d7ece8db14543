import type { Kafka } from 'kafkajs';
import type { Remarks, Signed } from '#libs/domain';
import { performOperation, type EventStore } from '#libs/log';
import { ownHeaders, readToEnd, type Delivered } from '#libs/messaging';
import { keepDeadLetters, NOT_KEPT } from './dead-letter-keeping.js';
import { readDeadLetter } from './dead-letter-message.js';
import {
  countLetters,
  decide,
  findDeadLetter,
  readFrom,
  readUpTo,
  selectDeadLetters,
  selectNewestLetters,
  type DeadLetter,
  type DeadLetterFilter,
  type LetterCounts,
  type LetterSelection,
} from './dead-letter-rows.js';
import type { Executor, ExecutionResult } from '../requests/executor.js';
import { requestOf, type Origin } from '../requests/request.js';
import { headersFrom } from './stored-bytes.js';

const PAGE_SIZE = 200;

/** Who decides on a dead letter. `by`: as they say; `signature`: as the system knows them. */
export type Decider = Remarks & Signed;

/** The messages that could not be recorded: each once, by its origin, however often the topic of dead letters has it. */
export class DeadLetters {
  constructor(
    private readonly store: EventStore,
    /** Undefined: without a broker there are those alone that are kept already. */
    private readonly kafka: Kafka | undefined,
    /** The topic of dead letters. */
    private readonly topic: string,
    private readonly executor: Pick<Executor, 'execute'>,
    /** Called for one that the database refuses; the topic still has it. */
    private readonly onRefused: (letter: Origin, error: Error) => void,
    /** Whether events name who a header says has sent a message (default: they name its topic). */
    private readonly producersTrusted = false,
  ) {}

  private get pool(): EventStore['pool'] {
    return this.store.pool;
  }

  /** Reads the new messages of the topic, up to its present end. @returns the number of new dead letters */
  async collect(signal: AbortSignal): Promise<number> {
    const { kafka } = this;
    if (!kafka) return 0;
    const cluster = await clusterIdOf(kafka);
    let found = 0;
    const keep = async ({ partition, messages }: Delivered) => {
      const letters = messages.map((message) =>
        readDeadLetter(message, { topic: this.topic, partition, offset: message.offset }),
      );
      found += await keepDeadLetters(this.pool, letters, this.onRefused);
      await readUpTo(this.pool, cluster, this.topic, partition, Number(messages.at(-1)!.offset) + 1);
    };
    await readToEnd(kafka, this.topic, await readFrom(this.pool, cluster, this.topic), keep, signal);
    return found;
  }

  /** A page of them, newest first. @param before the last of the page before */
  newest(
    selection: LetterSelection,
    before: Parameters<typeof selectNewestLetters>[2],
    limit: number,
  ): Promise<DeadLetter[]> {
    return selectNewestLetters(this.pool, selection, before, limit);
  }

  counts(): Promise<LetterCounts> {
    return countLetters(this.pool);
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
   * @param mended instead of its value: what it records is recorded by whoever decides
   */
  async retry(
    letter: DeadLetter,
    { mended, signal, ...decider }: { mended?: Buffer | undefined; signal: AbortSignal } & Decider,
  ): Promise<ExecutionResult> {
    if (letter.code === NOT_KEPT && !mended) return { rejection: { code: NOT_KEPT, detail: letter.detail } };
    const request = requestOf(
      { value: mended ?? letter.value, headers: ownHeaders(headersFrom(letter.headers)) },
      letter,
      this.producersTrusted,
    );
    if (mended && decider.signature !== undefined && request.kind !== 'wrong')
      Object.assign(request, { signature: decider.signature, isNamed: true });
    const [result] = await this.executor.execute([request], signal);
    if ('receipt' in result!) await this.decide('retried', letter, decider, result.receipt.eventId);
    return result!;
  }

  discard(letter: Origin, decider: Decider): Promise<void> {
    return this.decide('discarded', letter, decider);
  }

  private decide(
    outcome: 'retried' | 'discarded',
    letter: Origin,
    { by, reason, signature }: Decider,
    eventId?: string,
  ): Promise<void> {
    const { topic, partition, offset } = letter;
    return performOperation(
      this.store,
      {
        operation: `dead-letter.${outcome}`,
        subject: `${topic}:${partition}:${offset}`,
        ...(eventId !== undefined && { detail: `recorded by event ${eventId}` }),
        by,
        reason,
        signature,
      },
      (db) => decide(db, letter, outcome, { by: by ?? signature, eventId }),
    );
  }
}

async function clusterIdOf(kafka: Kafka): Promise<string> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    return (await admin.describeCluster()).clusterId;
  } finally {
    await admin.disconnect();
  }
}
