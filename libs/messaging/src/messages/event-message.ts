import { eventAt, type NewEvent, type PlacedEvent } from '#libs/domain';
import { headerOf, type Headers } from './headers.js';

// Events as CloudEvents 1.0 in the binary mode of the Kafka protocol binding: attributes in headers named ce_*, the event as
// the value.

/**
 * What is sent of a row of the log, which the client's consumers must not have to load. `body`: the stored canonical JSON;
 * `digest`: its sha256 (hexadecimal).
 */
export interface StoredBody {
  shard: number;
  position: number;
  recordedAt: string;
  eventId: string;
  type: string;
  stream: string;
  digest: string;
  body: string;
  traceparent?: string | null;
}

export interface EventMessage {
  key: string;
  value: string;
  partition: number;
  headers: Record<string, string>;
}

/** The `ce_source` of a store's events. */
export const sourceOf = (storeId: string): string => `urn:claimline:store:${storeId}`;

/** @param epoch in which the event was recorded; the first is not named */
export function eventMessage(
  { shard, position, recordedAt, eventId, type, stream, digest, body, traceparent }: StoredBody,
  source: string,
  epoch = 0,
): EventMessage {
  return {
    key: stream,
    value: body,
    partition: shard,
    headers: {
      // The type of the value: without it some SDKs return it as bytes.
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: eventId,
      ce_type: type,
      ce_source: source,
      ce_time: recordedAt,
      shard: String(shard),
      position: String(position),
      digest,
      ...(epoch > 0 && { epoch: String(epoch) }),
      ...(traceparent && { traceparent }),
    },
  };
}

/** The position of a message of the events topic, read from its headers. */
export interface Envelope {
  source: string;
  eventId: string;
  shard: number;
  position: number;
  /** In which the event was recorded: 0 where none is named. */
  epoch: number;
}

export interface Message {
  value: Buffer | null;
  headers?: Headers | undefined;
}

const WHOLE = /^\d{1,15}$/;

/** @throws Error that names the header that is missing or wrong */
export function envelopeOf({ headers }: Pick<Message, 'headers'>): Envelope {
  const text = (name: string) => {
    const value = headerOf(headers, name);
    if (value === undefined) throw new Error(`the message has no header ${name}`);
    return value;
  };
  const whole = (name: string, absent?: string) => {
    const value = absent === undefined ? text(name) : (headerOf(headers, name) ?? absent);
    if (!WHOLE.test(value))
      throw new Error(
        `the header ${name} of the message must be a whole number, but is "${value.slice(0, 50)}"`,
      );
    return Number(value);
  };
  return {
    source: text('ce_source'),
    eventId: text('ce_id'),
    shard: whole('shard'),
    position: whole('position'),
    epoch: whole('epoch', '0'),
  };
}

/**
 * Reads the event of a message, in the newest schema version.
 * @throws Error where a header is missing, the value is no event, or this version cannot read it
 */
export function readEventMessage(message: Message): PlacedEvent {
  const { shard, position, epoch } = envelopeOf(message);
  const recordedAt = headerOf(message.headers, 'ce_time');
  const digest = headerOf(message.headers, 'digest');
  if (recordedAt === undefined || digest === undefined)
    throw new Error('the message has no header ce_time or digest');
  if (message.value === null) throw new Error('the message has no value');
  const stored = JSON.parse(message.value.toString('utf8')) as NewEvent;
  return eventAt(stored, { shard, position, recordedAt, digest, ...(epoch > 0 && { epoch }) });
}
