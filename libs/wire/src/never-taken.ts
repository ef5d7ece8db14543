/** What brokers say that will not change by trying again. That a topic is unknown they say for a moment after it was made, too: kafkajs has asked several times then. */
const FINAL = new Set([
  'UNKNOWN_TOPIC_OR_PARTITION',
  'INVALID_TOPIC_EXCEPTION',
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'TOPIC_AUTHORIZATION_FAILED',
  'CLUSTER_AUTHORIZATION_FAILED',
]);

/** Whether an error of a send means that the topic will never take the messages. An outage is none. */
export function neverTaken(error: unknown): boolean {
  for (let one = error as { type?: string; cause?: unknown } | undefined; one; one = one.cause as typeof one)
    if (one.type !== undefined && FINAL.has(one.type)) return true;
  return false;
}
