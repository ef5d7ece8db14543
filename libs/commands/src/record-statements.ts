import { accept, parseStatement, type Instant, type PlaceReference, type Result } from '#libs/domain';
import {
  answerDuplicate,
  conflict,
  prepareEvent,
  receiptOf,
  type EventToAppend,
  type ExistingRecord,
  type Receipt,
} from '#libs/log';
import { Batcher, TimeSlice } from '#libs/concurrency';
import type { Located } from '#libs/places';
import { Command, type CommandDependencies } from './command.js';
import { checkParties, eventToAppend, withUnknownParties, type Submitted } from './submission.js';

const MAX_BATCH = 1000;
const MAX_CONCURRENT_BATCHES = 2;
/** Smaller batches wait for each other's shards anyway, and each costs as much as twenty statements and more. */
const MIN_CONCURRENT_BATCH = 100;

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
  /** Who sends each input (default: not known). No part of what is said: a repeat under another signature stays a repeat. */
  signatureOf?: (at: number) => string | undefined;
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
    { items: MAX_BATCH, atOnce: MAX_CONCURRENT_BATCHES, beside: MIN_CONCURRENT_BATCH },
  );

  constructor(private readonly needs: CommandDependencies) {}

  async execute({
    inputs,
    options: { dryRun = false, unknownParties, traceOf, signatureOf },
  }: RecordStatements): Promise<Result<Receipt>[]> {
    const check = unknownParties && {
      ruleset: await this.needs.rulesets.recent(),
      strict: unknownParties === 'refuse',
    };
    const results: Result<Receipt>[] = [];
    const slice = new TimeSlice();
    for (let at = 0; at < inputs.length; at += MAX_BATCH) {
      const now = this.needs.clock();
      const parsed: ReturnType<typeof parseStatement>[] = [];
      const valid: Submitted[] = [];
      for (const input of inputs.slice(at, at + MAX_BATCH)) {
        const outcome = parseStatement(input, now);
        if (outcome.ok)
          valid.push(
            Object.assign(outcome.value, {
              traceparent: traceOf?.(at + parsed.length),
              signature: signatureOf?.(at + parsed.length),
              parties: check && checkParties(outcome.value.content, check),
            }),
          );
        parsed.push(outcome);
        if (slice.isOver()) await slice.rest();
      }
      const answers: Result<Receipt>[] = [];
      if (dryRun && valid.length > 0) answers.push(...(await this.dryRun(valid, now)));
      else for (const some of byLength(valid)) answers.push(...(await this.batcher.submit(some)));
      let next = 0;
      for (const outcome of parsed)
        results.push(outcome.ok ? withUnknownParties(answers[next]!, valid[next++]!.parties) : outcome);
    }
    return results;
  }

  private async recordBatch(statements: readonly Submitted[]): Promise<Result<Receipt>[]> {
    const { register } = this.needs;
    const references = locationsOf(statements);
    const { places, version, forget } = await register.recall(references);
    const answers = await this.append(statements, places, version);
    if (answers) return answers;
    forget();
    return (await this.append(statements, await register.resolve(references)))!;
  }

  /**
   * Appends what is not refused. Known ids are recognised by the append; those of refused statements are looked up, because
   * the same reference may resolve to another place now, or to none.
   * @returns undefined where the register has another version than the places were found by
   */
  private async append(
    statements: readonly Submitted[],
    places: readonly Result<Located>[],
    version?: string,
  ): Promise<Result<Receipt>[] | undefined> {
    const { store } = this.needs;
    let plans = await plan(statements, places);
    const refused = statements.filter((_, at) => 'answer' in plans[at]!);
    if (refused.length > 0)
      plans = await plan(statements, places, await store.originals(refused.map(({ id }) => id)));
    const prepared: ReturnType<typeof prepareEvent>[] = [];
    const slice = new TimeSlice();
    for (const one of plans) {
      if ('candidate' in one) prepared.push(prepareEvent(one.candidate, store.shards));
      if (slice.isOver()) await slice.rest();
    }
    const appended = prepared.length === 0 ? [] : await store.appendPrepared(prepared, version);
    let next = 0;
    return appended && plans.map((one) => ('candidate' in one ? appended[next++]! : one.answer));
  }

  private async dryRun(statements: readonly Submitted[], now: Instant): Promise<Result<Receipt>[]> {
    const { store, register } = this.needs;
    const known = await store.originals(statements.map(({ id }) => id));
    const places = await register.resolve(locationsOf(statements));
    const seen = new Map<string, EventToAppend>();
    return (await plan(statements, places, known)).map((one): Result<Receipt> => {
      if (!('candidate' in one)) return one.answer;
      const { event, id } = one.candidate;
      const first = seen.get(id!.id) ?? one.candidate;
      seen.set(id!.id, first);
      if (!first.id!.digest.equals(id!.digest)) return conflict(id!.id, event.type);
      const placement = { shard: store.shardOf(first.event.stream), position: 0, recordedAt: now };
      return accept(receiptOf(first.event, placement, first !== one.candidate));
    });
  }
}

/** In UTF-16 units: to write more at once keeps other requests waiting. A thousand ordinary statements have less. */
const MAX_LENGTH = 1024 * 1024;

/** Statements in groups of so many that none is too long, in order. */
function byLength(statements: readonly Submitted[]): Submitted[][] {
  const groups: Submitted[][] = [];
  let length = Infinity;
  for (const statement of statements) {
    length += statement.written.text.length;
    if (length > MAX_LENGTH) {
      groups.push([]);
      length = statement.written.text.length;
    }
    groups.at(-1)!.push(statement);
  }
  return groups;
}

/** Of statements that are not refused for their parties. */
const locationsOf = (statements: readonly Submitted[]): PlaceReference[] =>
  statements.flatMap(({ parties, content }) => (parties?.refused ? [] : [content.location]));

/** @param places of the `locationsOf` the statements @param known the originals of ids, where they were looked up */
async function plan(
  statements: readonly Submitted[],
  places: readonly Result<Located>[],
  known?: ReadonlyMap<string, ExistingRecord>,
): Promise<Plan[]> {
  const plans: Plan[] = [];
  const slice = new TimeSlice();
  let next = 0;
  for (const statement of statements) {
    const place = statement.parties?.refused ?? places[next++]!;
    const original = known?.get(statement.id);
    if (original) plans.push({ answer: answerDuplicate(original, statement.digest, original.type) });
    else plans.push(place.ok ? { candidate: eventToAppend(statement, place.value) } : { answer: place });
    if (slice.isOver()) await slice.rest();
  }
  return plans;
}
