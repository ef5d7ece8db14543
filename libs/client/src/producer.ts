import { CommandInvalid, StatementInvalid, type InvalidStatement } from './errors.js';
import { HttpTransport } from './http-transport.js';
import { KafkaTransport } from './kafka-transport.js';
import { Outbox, type OutboxOptions } from './outbox.js';
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
} from './outgoing.js';
import { checkTarget, type Target } from './target.js';

export type ProducerOptions = Target &
  OutboxOptions & {
    /** Over HTTP: statements, retractions and corrections with a party or an actor that the ruleset does not know are refused (`party-unknown`). */
    strict?: boolean;
  };

export interface VoidOptions extends OutgoingOptions {
  /** Where it is a retraction that is voided: its statement. In Kafka the void then stays behind the retraction. */
  about?: string;
}

/**
 * Brings statements, and commands on them, to the service. What it takes goes out in that order, and again until it is
 * acknowledged: over HTTP when it is recorded or refused, over Kafka when the brokers have it.
 */
export interface Producer {
  /**
   * Checks statements and queues them; awaiting it waits for room in the queue. Of an array nothing is queued where one is
   * invalid; of an iterable those before it are.
   * @returns the ids of a statement or an array, in order; of an iterable only how many they were
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
   * Takes a statement back, in the name of who made it. @returns the id of the retraction
   * @throws CommandInvalid, NotSent
   */
  retract(statementId: string, retraction: RetractionInput, options?: OutgoingOptions): Promise<string>;
  /** Marks a statement, or a retraction, as an ingest mistake. @throws CommandInvalid, NotSent */
  void(id: string, remarks: VoidInput, options?: VoidOptions): Promise<void>;
  /**
   * Records the right statement in place of one that is an ingest mistake, and voids that one. @returns the id of the right one
   * @throws CommandInvalid, NotSent
   */
  correct(statementId: string, correction: CorrectionInput, options?: OutgoingOptions): Promise<string>;
  /**
   * Resolves when all that was queued so far is acknowledged.
   * @throws Refused, where the service refused some of it and there is no `onRefused`; NotSent, where the producer has ended
   */
  flush(): Promise<void>;
  /**
   * Flushes, and ends the producer.
   * @param options timeoutMs: gives up where that takes longer, 30,000 unless told
   * @throws as `flush`
   */
  close(options?: { timeoutMs?: number }): Promise<void>;
}

/** @throws TypeError where the options name neither HTTP nor Kafka, or both, or ask Kafka to be strict */
export function createProducer(options: ProducerOptions): Producer {
  checkTarget(options);
  if (options.strict && options.url === undefined)
    throw new TypeError(
      'strict needs url: over Kafka what names an unknown party is recorded, and its state says so',
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

/** @throws StatementInvalid that names every wrong field of all of them */
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
