import { accept, parseStatement, type Instant, type Result, type Statement } from '#libs/domain';
import {
  answerDuplicate,
  conflict,
  prepareEvent,
  receiptOf,
  type EventToAppend,
  type Receipt,
} from '#libs/log';
import { Batcher } from '#libs/concurrency';
import { Command, type CommandDependencies } from './command.js';
import { checkParties, eventToAppend, withUnknownParties, type Submitted } from './submission.js';

const MAX_BATCH = 1000;
const MAX_CONCURRENT_BATCHES = 2;

export interface RecordOptions {
  /** Validates and resolves, returns the outcome, and records nothing: a receipt that is not a duplicate then has position 0. */
  dryRun?: boolean;
  /**
   * What happens to parties that the ruleset in force does not know: receipts name them, or a statement that names one and is
   * not recorded yet is refused (`party-unknown`). Without it, they are not looked for.
   */
  unknownParties?: 'name' | 'refuse' | undefined;
  /** The `traceparent` of each input (W3C Trace Context, checked). */
  traceOf?: (at: number) => string | undefined;
}

/**
 * Records statements as ingest workers submit them (parsed JSON). Concurrent commands share transactions.
 * The result is the outcome of each, in order; a statement whose outcome is ok is committed.
 * If the database fails, some may be recorded; sending all again records nothing twice.
 */
export class RecordStatements extends Command<Result<Receipt>[]> {
  constructor(
    readonly inputs: readonly unknown[],
    readonly options: RecordOptions = {},
  ) {
    super();
  }
}

/** For one statement the event to append, or the answer if it needs none. */
type Plan = { candidate: EventToAppend } | { answer: Result<Receipt> };

export class RecordStatementsHandler {
  private readonly batcher = new Batcher<Submitted, Result<Receipt>>(
    (statements) => this.recordBatch(statements),
    { items: MAX_BATCH, atOnce: MAX_CONCURRENT_BATCHES },
  );

  constructor(private readonly needs: CommandDependencies) {}

  async execute({
    inputs,
    options: { dryRun = false, unknownParties, traceOf },
  }: RecordStatements): Promise<Result<Receipt>[]> {
    const check = unknownParties && {
      ruleset: await this.needs.rulesets.recent(),
      strict: unknownParties === 'refuse',
    };
    const results: Result<Receipt>[] = [];
    for (let at = 0; at < inputs.length; at += MAX_BATCH) {
      const now = this.needs.clock();
      const parsed = inputs.slice(at, at + MAX_BATCH).map((input) => parseStatement(input, now));
      const valid = parsed.flatMap((outcome, n): Submitted[] =>
        outcome.ok
          ? [
              Object.assign(outcome.value, {
                traceparent: traceOf?.(at + n),
                parties: check && checkParties(outcome.value.content, check),
              }),
            ]
          : [],
      );
      const answers =
        valid.length === 0 ? [] : dryRun ? await this.dryRun(valid, now) : await this.batcher.submit(valid);
      let next = 0;
      for (const outcome of parsed)
        results.push(outcome.ok ? withUnknownParties(answers[next]!, valid[next++]!.parties) : outcome);
    }
    return results;
  }

  private async recordBatch(statements: readonly Submitted[]): Promise<Result<Receipt>[]> {
    const plans = await this.plan(statements);
    const { store } = this.needs;
    const prepared = plans.flatMap((plan) =>
      'candidate' in plan ? [prepareEvent(plan.candidate, store.shards)] : [],
    );
    const appended = prepared.length === 0 ? [] : (await store.appendPrepared(prepared))!;
    let next = 0;
    return plans.map((plan) => ('candidate' in plan ? appended[next++]! : plan.answer));
  }

  private async dryRun(statements: readonly Statement[], now: Instant): Promise<Result<Receipt>[]> {
    const seen = new Map<string, EventToAppend>();
    return (await this.plan(statements)).map((plan): Result<Receipt> => {
      if (!('candidate' in plan)) return plan.answer;
      const { event, id } = plan.candidate;
      const first = seen.get(id!.id) ?? plan.candidate;
      seen.set(id!.id, first);
      if (!first.id!.digest.equals(id!.digest)) return conflict(id!.id, event.type);
      const placement = { shard: this.needs.store.shardOf(first.event.stream), position: 0, recordedAt: now };
      return accept(receiptOf(first.event, placement, first !== plan.candidate));
    });
  }

  /** Known ids are answered before their places are resolved: the same reference may resolve to another place now. */
  private async plan(statements: readonly Submitted[]): Promise<Plan[]> {
    const known = await this.needs.store.originals(statements.map(({ id }) => id));
    const fresh = statements.filter(({ id, parties }) => !known.has(id) && !parties?.refused);
    const places = await this.needs.register.resolve(fresh.map(({ content }) => content.location));
    let next = 0;
    return statements.map((statement) => {
      const original = known.get(statement.id);
      if (original) return { answer: answerDuplicate(original, statement.digest, original.type) };
      if (statement.parties?.refused) return { answer: statement.parties.refused };
      const place = places[next++]!;
      return place.ok ? { candidate: eventToAppend(statement, place.value) } : { answer: place };
    });
  }
}
