export { type ChangeFilter, type ChangeItem } from './changes.js';
export { type Comparison, type ComparedStatement } from './comparison.js';
export { featureOf, statementFeatureOf } from './feature.js';
export { follow, type FollowSources, type LiveMessage } from './follow.js';
export { Bookmarks, type Fixed } from './bookmarks.js';
export { type Asked, type Basis } from './basis.js';
export { catchUp, Standstill, type CatchUpOptions } from './catch-up.js';
export { Completeness } from './completeness.js';
export { differing, type Digests, type RowFault, type StatusChange } from './digest.js';
export { createGeneration, findGeneration, LAYOUT, READ_MODELS, type Generation } from './generation.js';
export { type HistoryItem } from './history.js';
export { lagOf, type ShardLag } from './lag.js';
export { type BoundingBox, type LocationFilter, type LocationOrder } from './location-list.js';
export { located, locatedAt, type Located } from './located.js';
export { type LogArchive, type LogReader } from './log-reader.js';
export { Cursors, type CursorInvalid, type Page, type PageRequest } from './page.js';
export { matches } from './past.js';
export { type SettledLog } from './proof.js';
export { Progress, type ProgressOptions } from './progress.js';
export { PROJECTED_CHANNEL, Projector, type Gap, type ProjectorOptions } from './projector.js';
export { ReadModels, type StoredState } from './read-models.js';
export {
  clearDrafts,
  compareRulesets,
  isInForce,
  rebuild,
  RebuildUnderWay,
  verifyModels,
  type Compared,
  type Rebuilt,
  type RebuildOptions,
  type Verified as VerifiedModels,
} from './rebuild.js';
export {
  itemOf,
  type ShownClaim,
  type ShownMark,
  type ShownRetraction,
  type ShownSource,
  type ShownSpeaker,
  type ShownVoid,
  type StatementItem,
} from './statement-item.js';
export { type StatementFilter, type TimelineFilter } from './statement-list.js';
export * as answerFields from './answer-fields.js';
export * as stateSchemas from './state-schemas.js';
export * as statementSchemas from './statement-schemas.js';
