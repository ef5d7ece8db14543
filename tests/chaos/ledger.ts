import {
  canonicalJson,
  claimEvent,
  claimEventId,
  parseStatement,
  sha256,
  type LocationId,
  type RecordedEvent,
} from '#libs/domain';
import type { StatementInput } from '../support/war.js';

/** What the service has answered about something that was sent. */
export interface Answer {
  eventId: string;
  shard: number;
  position: number;
  recordedAt: string;
  locationId: string;
}

/** What may be in the log because it was sent, and (`content`) as what. */
interface Sent {
  type: string;
  content: string;
}

/** A statement that was acknowledged, for repeating it and taking it back. */
export interface Acknowledged {
  statementId: string;
  input: StatementInput;
  answer: Answer;
}

/**
 * What the writers sent and the answers that they got. Everything sent has a key of its own (id of the statement or retraction,
 * reason of the command) that its event bears, so that the log can be held against it, event by event.
 */
export class Ledger {
  readonly sent = new Map<string, Sent>();
  readonly answers = new Map<string, Answer>();
  readonly acknowledged: Acknowledged[] = [];
  /** What must be in the log without a receipt that says as what: it came in by Kafka. */
  readonly promised = new Set<string>();
  /** What was wrong with answers already. */
  readonly faults: string[] = [];
  /** What was answered or promised since it was last asked. */
  private fresh: string[] = [];

  /** Notes a statement before it is sent. @param beside what its event bears beside, where it corrects another one @returns its id */
  willSend(input: StatementInput, beside?: { corrects: string; by: string }): string {
    const parsed = parseStatement(input, new Date().toISOString());
    if (!parsed.ok)
      throw new Error(
        `the generator made an invalid statement: ${parsed.refusal.detail} ${JSON.stringify(input)}`,
      );
    const event = claimEvent(parsed.value, 'any' as LocationId, '');
    const { corrects, by } = beside ?? {};
    this.sent.set(event.statementId!, {
      type: event.type,
      content: contentOf(beside ? { by, ...event, data: { ...event.data, corrects } } : event),
    });
    return event.statementId!;
  }

  /** Notes a command before it is sent. @param content what its event must hold, where it is known before */
  willCommand(key: string, type: string, content: object): void {
    this.sent.set(key, { type, content: canonicalJson(content) });
  }

  /** Notes what was answered; twice the same question must be answered the same. */
  answered(
    key: string,
    { eventId, shard, position, recordedAt, locationId }: Answer,
    statement?: StatementInput,
  ): void {
    const answer = { eventId, shard, position, recordedAt, locationId };
    const before = this.answers.get(key);
    if (before && canonicalJson(before) !== canonicalJson(answer))
      this.faults.push(`${key} was answered ${canonicalJson(before)} and then ${canonicalJson(answer)}`);
    if (before) return;
    this.answers.set(key, answer);
    this.fresh.push(key);
    if (statement) this.acknowledged.push({ statementId: key, input: statement, answer });
  }

  /** Notes that something must reach the log. */
  promise(key: string): void {
    if (this.promised.has(key)) return;
    this.promised.add(key);
    this.fresh.push(key);
  }

  takeFresh(): string[] {
    const { fresh } = this;
    this.fresh = [];
    return fresh;
  }

  /** What is wrong with an event of the log: nobody sent it, or not so. */
  faultOf(event: RecordedEvent): string | undefined {
    const key = keyOf(event);
    const sent = this.sent.get(key);
    const at = `event ${event.eventId} (${event.type}, ${event.shard}:${event.position})`;
    if (!sent) return `${at}: nobody sent ${key}`;
    if (sent.type !== event.type) return `${at}: was sent as ${sent.type}`;
    if (event.type.startsWith('claim.') && event.type !== 'claim.retracted') {
      if (event.eventId !== claimEventId(event.statementId!))
        return `${at}: its id does not derive from its statement's`;
      if (sent.content !== contentOf(event)) return `${at}: its content is not what was sent`;
    } else if (!holds(event, JSON.parse(sent.content) as object))
      return `${at}: does not hold ${sent.content}`;
    return undefined;
  }
}

/** What an event of the log was sent under. */
export function keyOf(event: RecordedEvent): string {
  if (event.type === 'claim.retracted') return event.data.retractionId;
  if (event.type === 'claim.asserted' || event.type === 'claim.denied') return event.statementId!;
  return event.data.reason ?? 'a command without a reason';
}

/** All that a claim says, but for the salted digest of its quote. */
function contentOf(event: { type: string; data: object; by?: string; onBehalfOf?: string }): string {
  const { source, ...data } = event.data as { source?: { quoteDigest?: string } };
  const { quoteDigest, ...rest } = source ?? {};
  return sha256(
    canonicalJson({ ...data, source: rest, quoted: quoteDigest !== undefined, by: saidBy(event) ?? null }),
  ).toString('base64');
}

/** Who did it, as the sender said: what came by Kafka is signed by its topic. */
const saidBy = ({ by, onBehalfOf }: { by?: string; onBehalfOf?: string }): string | undefined =>
  onBehalfOf ?? (by !== undefined && /\.statements\.v\d+$/.test(by) ? undefined : by);

/** Whether the event has these fields, in itself or in its data. */
const holds = (event: RecordedEvent, fields: object): boolean =>
  Object.entries(fields).every(
    ([name, value]) =>
      canonicalJson({
        v:
          (event as object as Record<string, unknown>)[name] ??
          (event.data as object as Record<string, unknown>)[name] ??
          null,
      }) === canonicalJson({ v: value }),
  );
