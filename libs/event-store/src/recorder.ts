import {
  accept,
  claimEvent,
  claimEventId,
  decideOnMark,
  decideOnRetraction,
  parseBody,
  parseRetraction,
  parseStatement,
  parseUuid,
  partyUnknown,
  refuse,
  remarksSchema,
  unknownParties,
  type ClaimEvent,
  type EventId,
  type Instant,
  type Outcome,
  type Ruleset,
  type Source,
  type Statement,
  type StatementId,
} from '#libs/domain';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Candidate } from './append-transaction.js';
import type { EventStore } from './event-store.js';
import { Gatherer } from './gatherer.js';
import { readMark, writeMark } from './marks.js';
import { eraseQuote } from './quotes.js';
import { conflict, receiptOf, repeated, type Original, type Receipt } from './receipt.js';
import type { Located, Register } from './register.js';

const BATCH = 1000;
const BATCHES_AT_ONCE = 2;

/** A statement with the trace that it came in with, if any, and with its unknown parties, if that was asked. */
type Submitted = Statement & { traceparent?: string | undefined; parties?: CheckedParties | undefined };

/** Which parties are known. */
export interface PartyCheck {
  ruleset: Ruleset;
  /** Refuses what names an unknown party and is not recorded already (`party-unknown`); else its receipt names it. */
  strict?: boolean;
}

/** The unknown parties of what was submitted, and the refusal for them, if it is refused. */
interface CheckedParties {
  unknown: string[];
  refused?: ReturnType<typeof partyUnknown> | undefined;
}

export interface RecordOptions {
  /** Validates and resolves, says what would come of it, and records nothing: a receipt that is no duplicate then has position 0. */
  dryRun?: boolean;
  /** Without it receipts name no unknown parties, and nothing is refused for them. */
  parties?: PartyCheck | undefined;
  /** The `traceparent` of each input (W3C Trace Context, checked). */
  traceOf?: (at: number) => string | undefined;
}

/** How a command came in, besides its body. */
export interface CommandOptions {
  traceparent?: string | undefined;
  /**
   * Tells the same command from another one that says the same: where an event has this id already, the command was
   * carried out, and comes again. By default random.
   */
  eventId?: EventId;
}

export interface RetractOptions extends CommandOptions {
  /** Refuses a retraction by an unknown party. */
  strict?: boolean;
}

/** Statements and commands on them, from whatever edge they come in: validated, resolved, decided, recorded. */
export class Recorder {
  private readonly gatherer = new Gatherer<Submitted, Outcome<Receipt>>((statements) => this.recordBatch(statements), {
    items: BATCH,
    atOnce: BATCHES_AT_ONCE,
  });

  /** @param clock tells what lies in the future; it is not what events are recorded with */
  constructor(
    private readonly store: EventStore,
    private readonly register: Register,
    private readonly clock: () => Instant = () => new Date().toISOString(),
  ) {}

  /**
   * Records statements as ingest workers submit them (JSON that was parsed) and answers for each, in order. Calls that
   * come in together share transactions. What is answered ok is committed.
   * @throws where the database fails: some may be recorded then; sending all again doubles nothing
   */
  async record(inputs: readonly unknown[], { dryRun = false, parties, traceOf }: RecordOptions = {}): Promise<Outcome<Receipt>[]> {
    const results: Outcome<Receipt>[] = [];
    for (let at = 0; at < inputs.length; at += BATCH) {
      const now = this.clock();
      const parsed = inputs.slice(at, at + BATCH).map((input) => parseStatement(input, now));
      const valid = parsed.flatMap((outcome, n): Submitted[] =>
        outcome.ok ? [{ ...outcome.value, traceparent: traceOf?.(at + n), parties: parties && check(outcome.value.content, parties) }] : [],
      );
      const answers = valid.length === 0 ? [] : dryRun ? await this.rehearse(valid, now) : await this.gatherer.submit(valid);
      let next = 0;
      for (const outcome of parsed) results.push(outcome.ok ? naming(answers[next]!, valid[next++]!.parties) : outcome);
    }
    return results;
  }

  /** Records that a statement is taken back. Refused: `statement-not-found`, `retraction-invalid`, `party-unknown`, `retraction-foreign`, `statement-conflict`. */
  async retract(statementId: string, body: unknown, ruleset: Ruleset, { traceparent, eventId = newEventId(), strict = false }: RetractOptions = {}): Promise<Outcome<Receipt>> {
    const id = parseUuid(statementId) as StatementId | undefined;
    const claim = id && (await this.store.find(claimEventId(id)));
    if (!claim) return notFound(statementId);
    const parsed = parseRetraction(id, body, this.clock());
    if (!parsed.ok) return parsed;
    const retraction = parsed.value;
    const parties = check(retraction.content, { ruleset, strict });
    const original = (await this.store.originals([retraction.id])).get(retraction.id);
    if (original) return naming(repeated(original, retraction.digest, 'claim.retracted'), parties);
    if (parties.refused) return parties.refused;
    const salted = saltOf(retraction.content.source);
    const decided = decideOnRetraction(retraction, claim as ClaimEvent, ruleset, eventId, salted.salt);
    if (!decided.ok) return decided;
    const [outcome] = await this.store.append([{ event: decided.value, id: idOf(retraction), ...salted.beside, traceparent }]);
    return naming(outcome!, parties);
  }

  /**
   * Voids a statement or a retraction, or takes the void back.
   * @param id of a statement or a retraction
   * @param body `{by?, reason?}`, or undefined
   */
  async setVoid(id: string, voided: boolean, body: unknown, { traceparent, eventId }: CommandOptions = {}): Promise<Outcome<Receipt>> {
    const remarks = parseBody(remarksSchema, body ?? {});
    if (!remarks.ok) return remarks;
    const original = await this.original(id);
    if (!original) return notFound(id);
    const before = eventId && (await this.store.find(eventId));
    if (before) return accept(receiptOf(before, before, true));
    const { last, outcome } = await this.store.appendDeciding([original.shard], async (transaction) => {
      const mark = await readMark(transaction.client, original.id);
      const target = { stream: original.locationId, statementId: original.statementId, voided: mark?.voided ?? false, ...retractionOf(original) };
      const [event] = decideOnMark(voided, target, remarks.value, eventId ?? newEventId());
      if (!event) return { last: mark?.eventId };
      await writeMark(transaction.client, original.id, { voided, eventId: event.eventId });
      const [outcome] = await transaction.append([{ event, traceparent }]);
      return { outcome };
    });
    return outcome ?? accept(await this.unchanged(original, last));
  }

  /** Erases the quoted text of a statement or a retraction; the event stays, and its receipt is the answer. */
  async eraseQuote(id: string, body: unknown): Promise<Outcome<Receipt>> {
    const remarks = parseBody(remarksSchema, body ?? {});
    if (!remarks.ok) return remarks;
    const original = await this.original(id);
    if (!original) return notFound(id);
    const erased = await eraseQuote(this.store.pool, original.id, remarks.value);
    return accept({ ...(await this.unchanged(original)), duplicate: !erased });
  }

  /** Ids that are known answer before their places are resolved: the place may resolve elsewhere now. */
  private async recordBatch(statements: readonly Submitted[]): Promise<Outcome<Receipt>[]> {
    const plans = await this.plan(statements);
    const appended = await this.store.append(plans.flatMap((plan) => ('candidate' in plan ? [plan.candidate] : [])));
    let next = 0;
    return plans.map((plan) => ('candidate' in plan ? appended[next++]! : plan.answer));
  }

  private async rehearse(statements: readonly Statement[], now: Instant): Promise<Outcome<Receipt>[]> {
    const seen = new Map<string, Candidate>();
    return (await this.plan(statements)).map((plan): Outcome<Receipt> => {
      if (!('candidate' in plan)) return plan.answer;
      const { event, id } = plan.candidate;
      const first = seen.get(id!.id) ?? plan.candidate;
      seen.set(id!.id, first);
      if (!first.id!.digest.equals(id!.digest)) return conflict(id!.id, event.type);
      const placement = { shard: this.store.shardOf(first.event.stream), position: 0, recordedAt: now };
      return accept(receiptOf(first.event, placement, first !== plan.candidate));
    });
  }

  /** For each statement the event to append, or the answer that is known without. */
  private async plan(statements: readonly Submitted[]): Promise<({ candidate: Candidate } | { answer: Outcome<Receipt> })[]> {
    const known = await this.store.originals(statements.map(({ id }) => id));
    const fresh = statements.filter(({ id, parties }) => !known.has(id) && !parties?.refused);
    const places = await this.register.resolve(fresh.map(({ content }) => content.location));
    let next = 0;
    return statements.map((statement) => {
      const original = known.get(statement.id);
      if (original) return { answer: repeated(original, statement.digest, original.type) };
      if (statement.parties?.refused) return { answer: statement.parties.refused };
      const place = places[next++]!;
      return place.ok ? { candidate: candidateOf(statement, place.value) } : { answer: place };
    });
  }

  private async original(id: string): Promise<Original | undefined> {
    const uuid = parseUuid(id);
    return uuid === undefined ? undefined : (await this.store.originals([uuid])).get(uuid);
  }

  /** The receipt that answers a command which changes nothing: of the event that did it, or of the original. */
  private async unchanged({ id: _id, digest: _digest, ...original }: Original, eventId?: EventId): Promise<Receipt> {
    const event = eventId && (await this.store.find(eventId));
    return event ? receiptOf(event, event, true) : { ...original, duplicate: true };
  }
}

function check(content: Parameters<typeof unknownParties>[0], { ruleset, strict }: PartyCheck): CheckedParties {
  const unknown = unknownParties(content, ruleset);
  return { unknown: [...new Set(unknown.map(({ name }) => name))], ...(strict && unknown.length > 0 && { refused: partyUnknown(unknown, ruleset) }) };
}

/** The outcome, with unknown parties named in its receipt; that of a repeat too. */
const naming = (outcome: Outcome<Receipt>, parties: CheckedParties | undefined): Outcome<Receipt> =>
  outcome.ok && parties ? accept({ ...outcome.value, unknownParties: parties.unknown }) : outcome;

function candidateOf(statement: Submitted, { id, resolution }: Located): Candidate {
  const { salt, beside } = saltOf(statement.content.source);
  const provisional = resolution.kind !== 'resolved';
  return { event: claimEvent(statement, id, salt, resolution), id: idOf(statement), ...beside, provisional, traceparent: statement.traceparent };
}

/** A salt for a quote, where there is one, and the quote to be kept beside the event. */
function saltOf(source?: Source): { salt: string; beside: Pick<Candidate, 'quote'> } {
  if (source?.quote === undefined) return { salt: '', beside: {} };
  const salt = randomBytes(16).toString('hex');
  return { salt, beside: { quote: { salt, quote: source.quote } } };
}

const idOf = ({ id, digest }: { id: string; digest: Buffer }) => ({ id, digest });
const retractionOf = ({ id, type }: Original) => (type === 'claim.retracted' ? { retractionId: id } : {});
const newEventId = () => randomUUID() as EventId;
const notFound = (id: string) => refuse('statement-not-found', `no statement has the id ${id}`);
