export { grantModels } from './generations/generation-rights.js';
export {
  RebuildUnderWay,
  type Rebuilt,
  clearShadows,
  compareRulesets,
  isActive,
  rebuild,
  verifyModels,
} from './generations/rebuild.js';
export { findReadModels, openGeneration } from './open-generation.js';
export { PROJECTED_CHANNEL, PROJECTOR_POOL_NAME, Projector } from './projector.js';
export {
  packedCheckpoints,
  reaches,
  readCheckpoints,
  readRecordedSince,
  unpacked,
} from './tables/checkpoints.js';
export { named } from './tables/prepared-queries.js';
export { type StatusChange, differing } from './tables/digest.js';
export { searchedWords, wordsPattern } from './tables/quote-words.js';
export { digestOf, etagOf } from './tables/etag.js';
export {
  type Generation,
  READ_MODELS,
  STATEMENT_ORDER,
  createGeneration,
  findGeneration,
  quoted,
  rulesetOf,
} from './tables/generation.js';
export { groupBy } from './tables/group-by.js';
export {
  type RawMember,
  type TimelineText,
  parsedMember,
  readComponents,
  readFirstStatement,
  readTimelines,
  timelinesOf,
} from './tables/location-rows.js';
export type { LogArchive, LogReader } from './tables/log-reader.js';
export {
  type PlaceLookup,
  type Timelines,
  partnersOf,
  placeLookup,
  placeOf,
  rootsOf,
} from './tables/register-entries.js';
export { matchesSearch, searchPattern } from './tables/search-text.js';
export { type StandingSummary, type StateSummary, summaryOf } from './tables/summary.js';
export { flagTag, holderTag, statusTag, tagsOf } from './tables/tags.js';
export { type Remarks, urlHash } from './tables/timeline-rows.js';
