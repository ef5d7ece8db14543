export { type ChangeFilter, type ChangeItem } from './queries/changes.js';
export { type Comparison, type ComparedStatement } from './queries/comparison.js';
export { featureOf, statementFeatureOf } from './queries/feature.js';
export { liveStream, type LiveStreamSources, type LiveMessage } from './queries/live-stream.js';
export { Bookmarks, type Fixed } from './queries/bookmarks.js';
export { type Asked, type Basis } from './freshness/basis.js';
export { catchUp, Standstill, type CatchUpOptions } from './catch-up.js';
export { Completeness } from './queries/completeness.js';
export { differing, type Digests, type RowFault, type StatusChange } from './tables/digest.js';
export {
  createGeneration,
  findGeneration,
  MODEL_SCHEMA_VERSION,
  READ_MODELS,
  type Generation,
} from './tables/generation.js';
export { type HistoryItem } from './queries/history.js';
export { lagOf, type ShardLag } from './freshness/lag.js';
export { type BoundingBox, type LocationFilter, type LocationOrder } from './queries/location-list.js';
export { located, locatedAt, type Located } from './queries/located.js';
export { type LogArchive, type LogReader } from './tables/log-reader.js';
export { PageCursors, type CursorInvalid, type Page, type PageRequest } from './tables/page.js';
export { matches } from './queries/list-as-of.js';
export { type SettledLog } from './freshness/proof.js';
export { CheckpointWaiter, type CheckpointWaiterOptions } from './freshness/checkpoint-waiter.js';
export { PROJECTED_CHANNEL, Projector, type Gap, type ProjectorOptions } from './projection/projector.js';
export { ReadModels, type StoredState } from './queries/read-models.js';
export {
  clearShadows,
  compareRulesets,
  isActive,
  rebuild,
  RebuildUnderWay,
  verifyModels,
  type RulesetComparison,
  type Rebuilt,
  type RebuildOptions,
  type ModelVerification as VerifiedModels,
} from './generations/rebuild.js';
export {
  itemOf,
  type ShownClaim,
  type ShownVoiding,
  type ShownRetraction,
  type ShownSource,
  type ShownSpeaker,
  type ShownVoid,
  type StatementItem,
} from './queries/statement-item.js';
export { type StatementFilter, type TimelineFilter } from './queries/statement-list.js';
export * as answerFields from './schemas/answer-fields.js';
export * as stateSchemas from './schemas/state-schemas.js';
export * as statementSchemas from './schemas/statement-schemas.js';
