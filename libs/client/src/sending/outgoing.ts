import type { z } from 'zod';
import {
  accept,
  parseBody,
  parseCorrection,
  parseRetraction,
  parseStatement,
  parseUuid,
  refuse,
  voidSchema,
  type correctionSchema,
  type Result,
  type RefusalCode,
  type retractionSchema,
  type StatementId,
  type statementSchema,
} from '#libs/domain';
import type { CommandName } from '../errors.js';

/** A statement as an ingest worker supplies it. */
export type StatementInput = z.input<typeof statementSchema>;
/** The content of a retraction. */
export type RetractionInput = z.input<typeof retractionSchema>;
/** The author of a void, and the reason. */
export type VoidInput = z.input<typeof voidSchema>;
/** The right statement in place of an ingest mistake, with author and reason. */
export type CorrectionInput = z.input<typeof correctionSchema>;

/** An outgoing statement, or a command on one, as JSON. */
export interface Outgoing {
  kind: 'statement' | CommandName;
  /** The id of the statement, or of the target of the command: a UUID in lower case. */
  id: string;
  /** Items about one statement have one key, so that they stay in order in Kafka. */
  key: string;
  /** The statement with its id, or the body of the command. */
  text: string;
  bytes: number;
  traceparent?: string | undefined;
}

export interface OutgoingOptions {
  /** W3C Trace Context: the trace of this item. */
  traceparent?: string | undefined;
}

/** One message must fit into a batch of Kafka's default size. */
const MAX_MESSAGE_BYTES = 900_000;

/**
 * Validates a statement as the service does, and adds its id: the one given, or the one derived from its content. The rest
 * is sent unchanged.
 * @param now the clock, as an instant
 */
export function outgoingStatement(
  input: unknown,
  now: string,
  { traceparent }: OutgoingOptions,
): Result<Outgoing> {
  const json = asJson(input, 'statement-invalid');
  if (!json.ok) return json;
  const { text, value } = json.value;
  const parsed = parseStatement(value, now);
  if (!parsed.ok) return parsed;
  const { id } = parsed.value;
  const whole =
    (value as { statementId?: string }).statementId === undefined ? withField(text, 'statementId', id) : text;
  return accept(outgoing('statement', id, id, whole, traceparent));
}

/** As `outgoingStatement`, the retraction of a statement. */
export function outgoingRetraction(
  statementId: string,
  input: unknown,
  now: string,
  { traceparent }: OutgoingOptions,
): Result<Outgoing & { retractionId: string }> {
  const json = asJson(input, 'retraction-invalid');
  if (!json.ok) return json;
  const { text, value } = json.value;
  const id = parseUuid(statementId);
  const parsed = parseRetraction((id ?? '') as StatementId, value, now);
  if (id === undefined) return noId('retraction-invalid', parsed);
  if (!parsed.ok) return parsed;
  const retractionId = parsed.value.id;
  const whole =
    (value as { retractionId?: string }).retractionId === undefined
      ? withField(text, 'retractionId', retractionId)
      : text;
  return accept({ ...outgoing('retract', id, id, whole, traceparent), retractionId });
}

/** @param about the statement, where its retraction is voided */
export function outgoingVoid(
  given: string,
  input: unknown,
  { traceparent, about = given }: OutgoingOptions & { about?: string },
): Result<Outgoing> {
  const json = asJson(input, 'command-invalid');
  if (!json.ok) return json;
  const [id, key] = [parseUuid(given), parseUuid(about)];
  const parsed = parseBody(voidSchema, json.value.value);
  if (id === undefined || key === undefined) return noId('command-invalid', parsed);
  return parsed.ok ? accept(outgoing('void', id, key, json.value.text, traceparent)) : parsed;
}

/** As `outgoingStatement`, the correction of a statement. @returns with the id of the statement that is recorded in its place */
export function outgoingCorrection(
  corrected: string,
  input: unknown,
  now: string,
  { traceparent }: OutgoingOptions,
): Result<Outgoing & { statementId: string }> {
  const json = asJson(input, 'correction-invalid');
  if (!json.ok) return json;
  const id = parseUuid(corrected);
  const parsed = parseCorrection(json.value.value, now);
  if (id === undefined) return noId('correction-invalid', parsed);
  if (!parsed.ok) return parsed;
  const statementId = parsed.value.statement.id;
  const { statement, ...rest } = json.value.value as { statement: object };
  const text = JSON.stringify({ ...rest, statement: { statementId, ...statement } });
  return accept({ ...outgoing('correct', id, id, text, traceparent), statementId });
}

/** The JSON text of an object with one more field in front. */
export const withField = (text: string, name: string, value: string): string =>
  `{${JSON.stringify(name)}:${JSON.stringify(value)}${text === '{}' ? '' : ','}${text.slice(1)}`;

const outgoing = (
  kind: Outgoing['kind'],
  id: string,
  key: string,
  text: string,
  traceparent: string | undefined,
): Outgoing => ({
  kind,
  id,
  key,
  text,
  bytes: Buffer.byteLength(text),
  ...(traceparent !== undefined && { traceparent }),
});

/** The text that is sent, and the value that it parses to. */
function asJson(input: unknown, code: RefusalCode): Result<{ text: string; value: unknown }> {
  const refused = (detail: string) => refuse(code, detail, [{ pointer: '', detail }]);
  let text: string | undefined;
  try {
    text = JSON.stringify(input);
  } catch (error) {
    return refused(`is not JSON: ${(error as Error).message.split('\n')[0]}`);
  }
  if (text === undefined) return refused('is not JSON');
  return Buffer.byteLength(text) > MAX_MESSAGE_BYTES
    ? refused(`is longer than ${MAX_MESSAGE_BYTES} bytes`)
    : accept({ text, value: JSON.parse(text) as unknown });
}

function noId(code: RefusalCode, parsed: Result<unknown>) {
  const detail = 'must be a UUID';
  return refuse(code, `/statementId ${detail}`, [
    { pointer: '/statementId', detail },
    ...(parsed.ok ? [] : (parsed.refusal.errors ?? [])),
  ]);
}
