import {
  accept,
  claimEventId,
  decideVoiding,
  decideRetraction,
  parseBody,
  parseCorrection,
  parseRetraction,
  parseStatement,
  parseUuid,
  refuse,
  remarksSchema,
  voidSchema,
  type ClaimEvent,
  type EventId,
  type Instant,
  type Result,
  type Ruleset,
  type Statement,
  type StatementId,
} from '#libs/domain';
import { randomUUID } from 'node:crypto';
import {
  type EventToAppend,
  type EventStore,
  eraseQuote,
  conflict,
  receiptOf,
  answerDuplicate,
  type ExistingRecord,
  type Receipt,
} from '#libs/log';
import { recordCorrection, targetOf } from './correcting.js';
import { Batcher } from '#libs/concurrency';
import { readVoiding, writeVoiding } from './voidings.js';
import type { Register } from '#libs/places';
import { eventToAppend, check, idOf, naming, saltOf, type PartyCheck, type Submitted } from './submission.js';

const MAX_BATCH = 1000;
const MAX_CONCURRENT_BATCHES = 2;

export interface RecordOptions {
  /** Validates and resolves, returns the outcome, and records nothing: a receipt that is not a duplicate then has position 0. */
  dryRun?: boolean;
  /** Without it, receipts name no unknown parties, and none are refused. */
  parties?: PartyCheck | undefined;
  /** The `traceparent` of each input (W3C Trace Context, checked). */
  traceOf?: (at: number) => string | undefined;
}

/** The context of a command besides its body. */
export interface CommandOptions {
  traceparent?: string | undefined;
  /**
   * Identifies the command, to distinguish a repeat from another command with the same body: if an event has this id
   * already, the command was carried out before (default: random).
   */
  eventId?: EventId;
}

export interface RetractOptions extends CommandOptions {
  /** Refuses a retraction by an unknown party. */
  strict?: boolean;
}

/** Validates, resolves, decides and records statements and commands on them, whichever way they come in. */
export class StatementCommands {
  private readonly batcher = new Batcher<Submitted, Result<Receipt>>(
    (statements) => this.recordBatch(statements),
    { items: MAX_BATCH, atOnce: MAX_CONCURRENT_BATCHES },
  );

  /** @param clock decides what is in the future; events are recorded with the database's clock */
  constructor(
    private readonly store: EventStore,
    private readonly register: Register,
    private readonly clock: () => Instant = () => new Date().toISOString(),
  ) {}

  /**
   * Records statements as ingest workers submit them (parsed JSON). Concurrent calls share transactions.
   * @returns the outcome of each, in order; a statement whose outcome is ok is committed
   * @throws if the database fails: some may be recorded then; sending all again records nothing twice
   */
  async record(
    inputs: readonly unknown[],
    { dryRun = false, parties, traceOf }: RecordOptions = {},
  ): Promise<Result<Receipt>[]> {
    const results: Result<Receipt>[] = [];
    for (let at = 0; at < inputs.length; at += MAX_BATCH) {
      const now = this.clock();
      const parsed = inputs.slice(at, at + MAX_BATCH).map((input) => parseStatement(input, now));
      const valid = parsed.flatMap((outcome, n): Submitted[] =>
        outcome.ok
          ? [
              Object.assign(outcome.value, {
                traceparent: traceOf?.(at + n),
                parties: parties && check(outcome.value.content, parties),
              }),
            ]
          : [],
      );
      const answers =
        valid.length === 0 ? [] : dryRun ? await this.dryRun(valid, now) : await this.batcher.submit(valid);
      let next = 0;
      for (const outcome of parsed)
        results.push(outcome.ok ? naming(answers[next]!, valid[next++]!.parties) : outcome);
    }
    return results;
  }

  /**
   * Records the retraction of a statement. Refused: `statement-not-found`, `retraction-invalid`, `party-unknown`,
   * `retraction-foreign`, `statement-conflict`.
   */
  async retract(
    statementId: string,
    body: unknown,
    ruleset: Ruleset,
    { traceparent, eventId = newEventId(), strict = false }: RetractOptions = {},
  ): Promise<Result<Receipt>> {
    const id = parseUuid(statementId) as StatementId | undefined;
    const claim = id && (await this.store.find(claimEventId(id)));
    if (!claim) return notFound(statementId);
    const parsed = parseRetraction(id, body, this.clock());
    if (!parsed.ok) return parsed;
    const retraction = parsed.value;
    const parties = check(retraction.content, { ruleset, strict });
    const original = (await this.store.originals([retraction.id])).get(retraction.id);
    if (original) return naming(answerDuplicate(original, retraction.digest, 'claim.retracted'), parties);
    if (parties.refused) return parties.refused;
    const salted = saltOf(retraction.content.source);
    const decided = decideRetraction(retraction, claim as ClaimEvent, ruleset, eventId, salted.salt);
    if (!decided.ok) return decided;
    const [outcome] = await this.store.append([
      { event: decided.value, id: idOf(retraction), ...salted.beside, traceparent },
    ]);
    return naming(outcome!, parties);
  }

  /**
   * Voids a statement or a retraction, or reinstates it. If it is so already, only new remarks are recorded.
   * @param id of a statement or a retraction
   * @param body `{by, reason}`; optional for a reinstatement
   */
  async setVoid(
    id: string,
    voided: boolean,
    body: unknown,
    { traceparent, eventId }: CommandOptions = {},
  ): Promise<Result<Receipt>> {
    const remarks = parseBody(voided ? voidSchema : remarksSchema, body ?? {});
    if (!remarks.ok) return remarks;
    const original = await this.original(id);
    if (!original) return notFound(id);
    const before = eventId && (await this.store.find(eventId));
    if (before) return accept(receiptOf(before, before, true));
    return this.store.appendDeciding([original.shard], async (transaction): Promise<Result<Receipt>> => {
      const { client } = transaction;
      const target = await targetOf(client, original, (await readVoiding(client, original.id)) !== undefined);
      const decided = decideVoiding(voided, target, remarks.value, eventId ?? newEventId());
      if ('before' in decided)
        return accept(decided.before ? receiptOf(decided.before, decided.before, true) : unchanged(original));
      const { event } = decided;
      await writeVoiding(client, original.id, { voided, eventId: event.eventId });
      const [outcome] = await transaction.append([{ event, traceparent }]);
      return outcome!;
    });
  }

  /**
   * Records a statement in place of another one, which it voids. Refused: `correction-invalid`, `correction-conflict`,
   * `statement-not-found`, `statement-conflict`, and as a statement by `record`.
   */
  async correct(
    statementId: string,
    body: unknown,
    ruleset: Ruleset,
    { traceparent, strict = false }: RetractOptions = {},
  ): Promise<Result<Receipt>> {
    const correction = parseCorrection(body, this.clock());
    if (!correction.ok) return correction;
    const original = await this.original(statementId);
    if (!original) return notFound(statementId);
    const parties = check(correction.value.statement.content, { ruleset, strict });
    return naming(
      await recordCorrection(this.store, this.register, original, correction.value, parties, traceparent),
      parties,
    );
  }

  /** Erases the quoted text of a statement or a retraction; the event stays, and its receipt is the answer. */
  async eraseQuote(id: string, body: unknown): Promise<Result<Receipt>> {
    const remarks = parseBody(remarksSchema, body ?? {});
    if (!remarks.ok) return remarks;
    const original = await this.original(id);
    if (!original) return notFound(id);
    const erased = await eraseQuote(this.store.pool, original.id, remarks.value);
    return accept({ ...unchanged(original), duplicate: !erased });
  }

  /** Known ids are answered before their places are resolved: the same reference may resolve to another place now. */
  private async recordBatch(statements: readonly Submitted[]): Promise<Result<Receipt>[]> {
    const plans = await this.plan(statements);
    const appended = await this.store.append(
      plans.flatMap((plan) => ('candidate' in plan ? [plan.candidate] : [])),
    );
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
      const placement = { shard: this.store.shardOf(first.event.stream), position: 0, recordedAt: now };
      return accept(receiptOf(first.event, placement, first !== plan.candidate));
    });
  }

  /** For each statement the event to append, or the answer if it needs none. */
  private async plan(
    statements: readonly Submitted[],
  ): Promise<({ candidate: EventToAppend } | { answer: Result<Receipt> })[]> {
    const known = await this.store.originals(statements.map(({ id }) => id));
    const fresh = statements.filter(({ id, parties }) => !known.has(id) && !parties?.refused);
    const places = await this.register.resolve(fresh.map(({ content }) => content.location));
    let next = 0;
    return statements.map((statement) => {
      const original = known.get(statement.id);
      if (original) return { answer: answerDuplicate(original, statement.digest, original.type) };
      if (statement.parties?.refused) return { answer: statement.parties.refused };
      const place = places[next++]!;
      return place.ok ? { candidate: eventToAppend(statement, place.value) } : { answer: place };
    });
  }

  private async original(id: string): Promise<ExistingRecord | undefined> {
    const uuid = parseUuid(id);
    return uuid === undefined ? undefined : (await this.store.originals([uuid])).get(uuid);
  }
}

/** The receipt of the record under an id: the answer to a command that changes nothing. */
const unchanged = ({ id: _id, digest: _digest, ...original }: ExistingRecord): Receipt => ({
  ...original,
  duplicate: true,
});
const newEventId = () => randomUUID() as EventId;
const notFound = (id: string) => refuse('statement-not-found', `no statement has the id ${id}`);
