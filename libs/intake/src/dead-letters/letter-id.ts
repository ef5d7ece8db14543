import type { Origin } from '../requests/request.js';

/** The id of a dead letter: where its message was. */
export const LETTER_ID = /^([a-zA-Z0-9._-]{1,249}):(\d{1,9}):(\d{1,18})$/;

export const letterIdOf = ({ topic, partition, offset }: Origin): string => `${topic}:${partition}:${offset}`;

/** Undefined where the text can be no id of a dead letter. */
export function letterOriginOf(id: string): Origin | undefined {
  const [, topic, partition, offset] = LETTER_ID.exec(id) ?? [];
  return topic === undefined || Number(partition) > 2 ** 31 - 1
    ? undefined
    : { topic, partition: Number(partition), offset: offset! };
}
