export { consume, type Consumption, type Delivered, type Handled } from './consume.js';
export { envelopeOf, eventMessage, readEventMessage, sourceOf, type Envelope, type EventMessage, type Message, type StoredBody } from './event-message.js';
export { headerOf, traceparentOf, type Headers } from './headers.js';
export { backOff, pause } from './patience.js';
export { readToEnd } from './read-to-end.js';
export { Sender } from './sender.js';
export { COMMAND, COMMANDS, DEAD_LETTER, type CommandName } from './statement-message.js';
export { ensureTopics, TopicMismatch } from './topic-setup.js';
export { DEFAULT_PREFIX, topicsOf, type Topics } from './topics.js';
