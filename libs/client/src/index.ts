export type { EventType, ValidationIssue as Fault, PlacedEvent } from '#libs/domain';
export {
  CommandInvalid,
  EpochChanged,
  EventsMissing,
  NotSent,
  OtherStore,
  Refused,
  ServiceError,
  StatementInvalid,
  type InvalidStatement,
  type Refusal,
} from './errors.js';
export { type OutboxOptions } from './sending/outbox.js';
export {
  type CorrectionInput,
  type OutgoingOptions,
  type RetractionInput,
  type StatementInput,
  type VoidInput,
} from './sending/outgoing.js';
export { type RetryOptions } from './retry-policy.js';
export { createProducer, type Producer, type ProducerOptions, type VoidOptions } from './producer.js';
export { readEvents, type EventReader, type ReadEventsOptions } from './read-events.js';
export { type HttpTarget, type KafkaTarget, type Target } from './target.js';
