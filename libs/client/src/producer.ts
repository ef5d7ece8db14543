import { CommandInvalid, StatementInvalid, type InvalidStatement } from './errors.js';
import { HttpTransport } from './http/http-transport.js';
import { KafkaTransport } from './kafka/kafka-transport.js';
import { Outbox, type OutboxOptions } from './sending/outbox.js';
import {
  outgoingCorrection,
  outgoingRetraction,
  outgoingStatement,
  outgoingVoid,
  type CorrectionInput,
  type Outgoing,
  type OutgoingOptions,
  type RetractionInput,
  type StatementInput,
  type VoidInput,
} from './sending/outgoing.js';
import { checkTarget, type Target } from './target.js';

export type ProducerOptions = Target &
  OutboxOptions & {
    /**
     * Over HTTP: refuses statements, retractions and corrections with a party or an actor that the ruleset does not know
     * (`party-unknown`).
     */
    strict?: boolean;
  };

export interface VoidOptions extends OutgoingOptions {
  /** If a retraction is voided: its statement. In Kafka the void then stays behind the retraction. */
  about?: string;
}

/**
 * Sends statements, and commands on them, to the service, in order, and retries until they are acknowledged: over HTTP when
 * they are recorded or refused, over Kafka when the brokers have them.
 */
export interface Producer {
  /**
   * Validates statements and queues them; awaiting it waits for room in the queue. If one is invalid, nothing of an array is
   * queued; of an iterable the statements before it are.
   * @returns the ids of a statement or an array, in order; for an iterable only their number
   * @throws StatementInvalid, NotSent
   */
  produce(
    statements: StatementInput | readonly StatementInput[],
    options?: OutgoingOptions,
  ): Promise<string[]>;
  produce(
    statements: Iterable<StatementInput> | AsyncIterable<StatementInput>,
    options?: OutgoingOptions,
  ): Promise<number>;
  /**
   * Retracts a statement, on behalf of its speaker. @returns the id of the retraction
   * @throws CommandInvalid, NotSent
   */
  retract(statementId: string, retraction: RetractionInput, options?: OutgoingOptions): Promise<string>;
  /** Voids a statement or a retraction that is an ingest mistake. @throws CommandInvalid, NotSent */
  void(id: string, remarks: VoidInput, options?: VoidOptions): Promise<void>;
  /**
   * Records the right statement in place of an ingest mistake, and voids the mistake. @returns the id of the right one
   * @throws CommandInvalid, NotSent
   */
  correct(statementId: string, correction: CorrectionInput, options?: OutgoingOptions): Promise<string>;
  /**
   * Resolves when everything queued so far is acknowledged.
   * @throws Refused, where the service refused some of it and there is no `onRefused`; NotSent, where the producer has ended
   */
  flush(): Promise<void>;
  /**
   * Flushes, and ends the producer.
   * @param options timeoutMs: gives up after this time (default 30,000)
   * @throws as `flush`
   */
  close(options?: { timeoutMs?: number }): Promise<void>;
}

/** @throws TypeError where the options name neither HTTP nor Kafka, or both, or ask Kafka to be strict */
export function createProducer(options: ProducerOptions): Producer {
  checkTarget(options);
  if (options.strict && options.url === undefined)
    throw new TypeError(
      'strict needs url: over Kafka a statement with an unknown party is recorded, and its state says so',
    );
  const transport =
    options.url !== undefined ? new HttpTransport(options, options.strict) : new KafkaTransport(options);
  return new QueuingProducer(new Outbox(transport, options));
}

class QueuingProducer implements Producer {
  constructor(private readonly outbox: Outbox) {}

  produce(
    statements: StatementInput | readonly StatementInput[],
    options?: OutgoingOptions,
  ): Promise<string[]>;
  produce(
    statements: Iterable<StatementInput> | AsyncIterable<StatementInput>,
    options?: OutgoingOptions,
  ): Promise<number>;
  async produce(given: unknown, options: OutgoingOptions = {}): Promise<string[] | number> {
    this.outbox.check();
    if (isIterable(given) && !Array.isArray(given)) return this.produceAll(given, options);
    const items = read(Array.isArray(given) ? given : [given], 0, options);
    await this.outbox.put(items);
    return items.map(({ id }) => id);
  }

  async retract(
    statementId: string,
    retraction: RetractionInput,
    options: OutgoingOptions = {},
  ): Promise<string> {
    const outcome = outgoingRetraction(statementId, retraction, new Date().toISOString(), options);
    if (!outcome.ok) throw new CommandInvalid('retract', outcome.refusal.errors ?? []);
    await this.outbox.put([outcome.value]);
    return outcome.value.retractionId;
  }

  async void(id: string, remarks: VoidInput, options: VoidOptions = {}): Promise<void> {
    const outcome = outgoingVoid(id, remarks, options);
    if (!outcome.ok) throw new CommandInvalid('void', outcome.refusal.errors ?? []);
    await this.outbox.put([outcome.value]);
  }

  async correct(
    statementId: string,
    correction: CorrectionInput,
    options: OutgoingOptions = {},
  ): Promise<string> {
    const outcome = outgoingCorrection(statementId, correction, new Date().toISOString(), options);
    if (!outcome.ok) throw new CommandInvalid('correct', outcome.refusal.errors ?? []);
    await this.outbox.put([outcome.value]);
    return outcome.value.statementId;
  }

  flush(): Promise<void> {
    return this.outbox.flush();
  }

  close({ timeoutMs = 30_000 }: { timeoutMs?: number } = {}): Promise<void> {
    return this.outbox.close(timeoutMs);
  }

  private async produceAll(
    statements: Iterable<unknown> | AsyncIterable<unknown>,
    options: OutgoingOptions,
  ): Promise<number> {
    let count = 0;
    for await (const statement of statements) {
      await this.outbox.put(read([statement], count, options));
      count += 1;
    }
    return count;
  }
}

/** @throws StatementInvalid, which names every wrong field of all of them */
function read(statements: readonly unknown[], firstIndex: number, options: OutgoingOptions): Outgoing[] {
  const now = new Date().toISOString();
  const items: Outgoing[] = [];
  const invalid: InvalidStatement[] = [];
  for (const [at, statement] of statements.entries()) {
    const outcome = outgoingStatement(statement, now, options);
    if (outcome.ok) items.push(outcome.value);
    else invalid.push({ index: firstIndex + at, errors: outcome.refusal.errors ?? [] });
  }
  if (invalid.length > 0) throw new StatementInvalid(invalid);
  return items;
}

const isIterable = (value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> =>
  typeof value === 'object' && value !== null && (Symbol.iterator in value || Symbol.asyncIterator in value);
