export { consume, type Consumption, type Delivered, type Handled } from './consume.js';
export { guarded, itemsOfCell, listCell, unguarded } from './csv-cell.js';
export { readingKafka } from './fetching.js';
export {
  envelopeOf,
  eventMessage,
  readEventMessage,
  sourceOf,
  type Envelope,
  type EventMessage,
  type Message,
  type StoredBody,
} from './event-message.js';
export { headerOf, traceparentOf, valuesOf, type Headers, type HeaderValue } from './headers.js';
export { neverTaken } from './never-taken.js';
export { backOff, pause } from './patience.js';
export { readToEnd } from './read-to-end.js';
export { Placement } from './placement.js';
export { Sender } from './sender.js';
export { DEAD_LETTER, deadLetterHeaders, ownHeaders, type DeadLetterFields } from './dead-letter-headers.js';
export { COMMAND, COMMANDS, type CommandName } from './statement-message.js';
export { clockWarnings } from './topic-clock.js';
export { TopicAdmin } from './topic-id.js';
export {
  ensureReplayTopic,
  ensureTopics,
  faultOfPartitions,
  faultOfReplayTopic,
  TopicMismatch,
} from './topic-setup.js';
export { DEFAULT_PREFIX, topicsOf, type Topics } from './topics.js';
export { toldOf, unreadableIn, type UnreadableBatch } from './unreadable-batches.js';
