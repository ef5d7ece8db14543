export { envelopeOf, eventMessage, readEventMessage, sourceOf, type Envelope, type EventMessage, type Message, type StoredBody } from './event-message.js';
export { headerOf, traceparentOf, type Headers } from './headers.js';
export { COMMAND, COMMANDS, DEAD_LETTER, type CommandName } from './statement-message.js';
export { DEFAULT_PREFIX, topicsOf, type Topics } from './topics.js';
