export { consume, type Consumption, type Delivered, type Handled } from './consumer/consume.js';
export { guarded, itemsOfCell, listCell, unguarded } from './messages/csv-cell.js';
export { readingKafka } from './consumer/fetching.js';
export {
  envelopeOf,
  eventMessage,
  readEventMessage,
  sourceOf,
  type Envelope,
  type EventMessage,
  type Message,
  type StoredBody,
} from './messages/event-message.js';
export { headerOf, traceparentOf, valuesOf, type Headers, type HeaderValue } from './messages/headers.js';
export { isPermanent } from './producer/permanent-errors.js';
export { backoffMs, pause } from './backoff.js';
export { readToEnd } from './consumer/read-to-end.js';
export { AckTracker } from './producer/ack-tracker.js';
export { ReliableProducer } from './producer/reliable-producer.js';
export {
  DEAD_LETTER,
  deadLetterHeaders,
  ownHeaders,
  type DeadLetterFields,
} from './messages/dead-letter-headers.js';
export { COMMAND, COMMANDS, type CommandName } from './messages/statement-message.js';
export { clockWarnings } from './topics/topic-clock.js';
export { TopicAdmin } from './topics/topic-id.js';
export {
  ensureReplayTopic,
  ensureTopics,
  faultOfPartitions,
  faultOfReplayTopic,
  TopicMismatch,
} from './topics/topic-setup.js';
export { DEFAULT_PREFIX, topicsOf, type Topics } from './topics/topics.js';
export { unreadableText, unreadableIn, type UnreadableBatch } from './consumer/unreadable-batches.js';
