export type { ComparedStatement, Comparison } from './as-of/compare-moments.js';
export type { ChangeFilter, ChangeItem } from './changes/list-changes.js';
export type { LiveMessage } from './changes/live-batch.js';
export { type LivePiece, type LiveStreamSources, LiveStreams } from './changes/live-streams.js';
export * from './create-queries.js';
export type { Basis, QueryOptions } from './freshness/basis.js';
export { Bookmarks, type Fixed } from './freshness/bookmarks.js';
export { type CatchUpOptions, Standstill, catchUp } from './freshness/catch-up.js';
export { ProjectionWaiter, type CheckpointWaiterOptions } from './freshness/projection-waiter.js';
export { Completeness } from './freshness/completeness.js';
export { type ShardLag, lagOf, readLag } from './freshness/lag.js';
export type { SettledLog } from './freshness/proof.js';
export { type OpenReadModels, openReadModels } from './open-read-models.js';
export { type CursorInvalid, type Page, PageCursors, type PageRequest } from './page.js';
export { type BoundingBox, type LocationFilter, matches } from './place-filter.js';
export { featureOf, statementFeatureOf } from './places/feature.js';
export type { StoredState } from './places/get-place.js';
export type { LocationOrder } from './places/list-places.js';
export { QUERIES, Query, type QueryExecutor } from './query.js';
export { ReadModels } from './read-models.js';
export * as answerFields from './schemas/answer-fields.js';
export * as stateSchemas from './schemas/state-schemas.js';
export * as statementSchemas from './schemas/statement-schemas.js';
export type { TimelineFilter } from './statements/get-timeline.js';
export type { StatementFilter } from './statements/list-statements.js';
export { type Located, locatedAt } from './statements/locate-statements.js';
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
