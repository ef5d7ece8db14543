import type { KafkaMessage, Message } from 'kafkajs';
import { printable } from '#libs/domain';
import { DEAD_LETTER, deadLetterHeaders, headerOf } from '#libs/messaging';
import type { NewDeadLetter } from './dead-letter-rows.js';
import { detailOf, type Origin, type RejectedRequest } from '../requests/request.js';
import { storedHeaders } from './stored-bytes.js';

/** The whole message; headers beside its own give the fault and the origin. */
export function deadLetterMessage(
  { key, value, headers }: KafkaMessage,
  { topic, partition, offset }: Origin,
  rejection: RejectedRequest,
): Message {
  return {
    key,
    value,
    headers: deadLetterHeaders(headers, {
      code: rejection.code,
      detail: detailOf(rejection),
      topic,
      partition: String(partition),
      offset,
    }),
  };
}

const TOPIC = /^[a-zA-Z0-9._-]{1,249}$/;
const PARTITION = /^\d{1,9}$/;
const OFFSET = /^\d{1,18}$/;
/** A time in the range of a row, and of ISO 8601 with a year of four digits. */
const LATEST = Date.parse('9999-12-31');

/** @param place the message's place in the topic of dead letters, actual or intended */
export function readDeadLetter(
  { key, value, headers, timestamp }: Pick<KafkaMessage, 'key' | 'value' | 'headers' | 'timestamp'>,
  place: Origin,
): NewDeadLetter {
  const of = (name: string) => headerOf(headers, name) ?? '';
  const [topic, partition, offset] = [
    of(DEAD_LETTER.topic),
    of(DEAD_LETTER.partition),
    of(DEAD_LETTER.offset),
  ];
  // A message that someone else has put there is a dead letter too, of this topic.
  const ours = TOPIC.test(topic) && PARTITION.test(partition) && OFFSET.test(offset);
  return {
    ...(ours ? { topic, partition: Number(partition), offset } : place),
    code: printable(of(DEAD_LETTER.code) || 'unknown', 100),
    // Older versions have sent it as it came.
    detail: printable(of(DEAD_LETTER.detail), 4000),
    key: key ?? null,
    value,
    headers: storedHeaders(headers),
    deadAt: new Date(Math.min(Math.max(Number(timestamp) || 0, 0), LATEST)),
  };
}
