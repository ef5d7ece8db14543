import type { KafkaMessage } from 'kafkajs';
import { commandEventId, parseUuid, sha256, printable, type EventId } from '#libs/domain';
import { COMMAND, COMMANDS, headerOf, traceparentOf, type CommandName, type Headers } from '#libs/messaging';
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

/** The request of a message. */
export type Request =
  | { kind: 'statement'; input: unknown; traceparent: string | undefined }
  | {
      kind: CommandName;
      statementId: string;
      body: unknown;
      eventId: EventId;
      traceparent: string | undefined;
    }
  | { kind: 'wrong'; rejection: RejectedRequest };

const wrong = (code: string, detail: string): Request => ({ kind: 'wrong', rejection: { code, detail } });

/** Reads a message of the statements topic. The recorder validates the statement. */
export function requestOf(
  { value, headers }: { value: KafkaMessage['value']; headers?: Headers | undefined },
  origin: Origin,
): Request {
  if (value === null) return wrong('message-malformed', 'the message has no value');
  const read = readJson(value, 'the value');
  if (!read.ok) return wrong('message-malformed', schemaRegistryNote(value, headers) ?? read.fault);
  const input = read.json;
  const traceparent = traceparentOf(headerOf(headers, 'traceparent'));
  const command = headerOf(headers, COMMAND);
  if (command === undefined) return { kind: 'statement', input, traceparent };
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
  return { kind, statementId: id, body, eventId: commandEventId(identity), traceparent };
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
