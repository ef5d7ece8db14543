export { type Consumption, type Delivered, type Handled, consume } from './consumer/consume.js';
export { readingKafka } from './consumer/fetching.js';
export { readToEnd } from './consumer/read-to-end.js';
export { type UnreadableBatch, unreadableText, unreadableIn } from './consumer/unreadable-batches.js';
export { DEAD_LETTER, deadLetterHeaders, ownHeaders } from './messages/dead-letter-headers.js';
export {
  type EventMessage,
  type Message,
  type StoredBody,
  type Envelope,
  envelopeOf,
  eventMessage,
  readEventMessage,
  sourceOf,
} from './messages/event-message.js';
export { type HeaderValue, type Headers, headerOf, traceparentOf, valuesOf } from './messages/headers.js';
export { COMMAND, COMMANDS, type CommandName, SENDER } from './messages/statement-message.js';
export { AckTracker } from './producer/ack-tracker.js';
export { isPermanent } from './producer/permanent-errors.js';
export { RequestBudget } from './producer/request-budget.js';
export { ReliableProducer } from './producer/reliable-producer.js';
export { TopicAdmin } from './topics/topic-id.js';
export {
  TopicMismatch,
  ensureReplayTopic,
  ensureTopics,
  faultOfPartitions,
  faultOfReplayTopic,
} from './topics/topic-setup.js';
export { DEFAULT_PREFIX, type Topics, topicsOf } from './topics/topics.js';
