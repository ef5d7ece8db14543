/**
 * Errors of brokers that a retry will not change. A new topic is unknown for a moment too, but kafkajs has asked several
 * times by then.
 */
const PERMANENT_ERRORS = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
]);

/** Whether an error of a send means that the topic will never accept the messages. An outage does not. */
export function isPermanent(error: unknown): boolean {
  for (let one = error as { type?: string; cause?: unknown } | undefined; one; one = one.cause as typeof one)
    if (one.type !== undefined && PERMANENT_ERRORS.has(one.type)) return true;
  return false;
}
