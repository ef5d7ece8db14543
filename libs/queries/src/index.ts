export type { ComparedStatement, Comparison } from './as-of/comparison.js';
export { matches } from './as-of/list-as-of.js';
export type { ChangeFilter, ChangeItem } from './changes/changes.js';
export { type LiveMessage, type LiveStreamSources, liveStream } from './changes/live-stream.js';
export type { Asked, Basis } from './freshness/basis.js';
export { Bookmarks, type Fixed } from './freshness/bookmarks.js';
export { type CatchUpOptions, Standstill, catchUp } from './freshness/catch-up.js';
export { CheckpointWaiter, type CheckpointWaiterOptions } from './freshness/checkpoint-waiter.js';
export { Completeness } from './freshness/completeness.js';
export { type ShardLag, lagOf } from './freshness/lag.js';
export type { SettledLog } from './freshness/proof.js';
export { type OpenReadModels, openReadModels } from './open-read-models.js';
export { type CursorInvalid, Cursors, type Page, type PageRequest } from './page.js';
export { featureOf, statementFeatureOf } from './places/feature.js';
export type { HistoryItem } from './places/history.js';
export { type Located, located, locatedAt } from './places/located.js';
export type { BoundingBox, LocationFilter, LocationOrder } from './places/location-list.js';
export { ReadModels, type StoredState } from './read-models.js';
export * as answerFields from './schemas/answer-fields.js';
export * as stateSchemas from './schemas/state-schemas.js';
export * as statementSchemas from './schemas/statement-schemas.js';
export {
  type ShownClaim,
  type ShownRetraction,
  type ShownSource,
  type ShownSpeaker,
  type ShownVoid,
  type ShownVoiding,
  type StatementItem,
  itemOf,
} from './statements/statement-item.js';
export type { StatementFilter, TimelineFilter } from './statements/statement-list.js';
