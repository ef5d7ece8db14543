import type { KafkaMessage } from 'kafkajs';
import { commandEventId, parseUuid, sha256, printable, type EventId } from '#libs/domain';
import {
  COMMAND,
  COMMANDS,
  headerOf,
  SENDER,
  traceparentOf,
  type CommandName,
  type Headers,
} from '#libs/messaging';
import { readJson } from '#libs/commands';
import { schemaRegistryNote } from './schema-registry.js';

/** The origin of a message, which identifies it. */
export interface Origin {
  topic: string;
  partition: number;
  offset: string;
}

/** The reason why a message cannot be recorded. `code`: as of problems over HTTP, or one for Kafka only. */
export interface RejectedRequest {
  code: string;
  detail: string;
  errors?: { pointer: string; detail: string }[] | undefined;
}

/** Who sends a message, as its events name it. */
interface Sender {
  signature: string;
  /** Whether that is a name: otherwise it is that of the topic. */
  isNamed: boolean;
}

/** The request of a message. */
export type Request =
  | ({ kind: 'statement'; input: unknown; traceparent: string | undefined } & Sender)
  | ({
      kind: CommandName;
      statementId: string;
      body: unknown;
      eventId: EventId;
      traceparent: string | undefined;
    } & Sender)
  | { kind: 'wrong'; rejection: RejectedRequest };

const wrong = (code: string, detail: string): Request => ({ kind: 'wrong', rejection: { code, detail } });

const MAX_SENDER_LENGTH = 200;

/** What a header says of the sender counts only where producers are trusted: anybody else could write any name. */
function senderOf(headers: Headers | undefined, topic: string, trusted: boolean): Sender {
  const said = trusted ? printable(headerOf(headers, SENDER) ?? '', MAX_SENDER_LENGTH).trim() : '';
  return said === '' ? { signature: topic, isNamed: false } : { signature: said, isNamed: true };
}

/**
 * Reads a message of the statements topic. The recorder validates the statement.
 * @param trusted whether producers may say who sends (KAFKA_PRODUCERS_TRUSTED); else events name the topic
 */
export function requestOf(
  { value, headers }: { value: KafkaMessage['value']; headers?: Headers | undefined },
  origin: Origin,
  trusted = false,
): Request {
  if (value === null) return wrong('message-malformed', 'the message has no value');
  const read = readJson(value, 'the value');
  if (!read.ok) return wrong('message-malformed', schemaRegistryNote(value, headers) ?? read.fault);
  const input = read.json;
  const traceparent = traceparentOf(headerOf(headers, 'traceparent'));
  const command = headerOf(headers, COMMAND);
  const sender = senderOf(headers, origin.topic, trusted);
  if (command === undefined) return { kind: 'statement', input, traceparent, ...sender };
  const kind = COMMANDS.find((name) => name === command);
  if (!kind)
    return wrong(
      'command-unknown',
      `the header ${COMMAND} must be one of ${COMMANDS.join(', ')}, but is "${printable(command, 50)}"`,
    );
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    return wrong('command-invalid', 'the value must be an object');
  const { statementId, ...body } = input as { statementId?: unknown };
  const id = typeof statementId === 'string' ? parseUuid(statementId) : undefined;
  if (id === undefined) return wrong('command-invalid', '/statementId must be a UUID');
  const identity = `${origin.topic} ${origin.partition} ${origin.offset} ${sha256(value.toString('latin1')).toString('hex')}`;
  return { kind, statementId: id, body, eventId: commandEventId(identity), traceparent, ...sender };
}

const MAX_DETAIL_LENGTH = 4000;

/** A refusal in one line: its reason, and every wrong field. */
export const detailOf = ({ detail, errors = [] }: RejectedRequest): string =>
  printable(
    errors.length > 1
      ? `${detail}: ${errors.map((one) => `${one.pointer} ${one.detail}`).join('; ')}`
      : detail,
    MAX_DETAIL_LENGTH,
  );
