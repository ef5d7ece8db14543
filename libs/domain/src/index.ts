export { contentDigestOf, contentIdOf, isQuoteOf, quoteDigestOf } from './decisions/content-digest.js';
export {
  type Correction,
  correctionSchema,
  decideCorrection,
  isCorrectionOf,
  ofStatement,
  parseCorrection,
} from './decisions/correction.js';
export {
  type LaterEvent,
  type VoidingTarget,
  claimEvent,
  decideRetraction,
  decideVoiding,
  quoteDigest,
} from './decisions/decide.js';
export { eventSchemas, resolutionSchema } from './decisions/event-schemas.js';
export { partyUnknown, unknownParties } from './decisions/unknown-parties.js';
export {
  CLAIMS,
  type ChainedLogPosition,
  type ClaimData,
  type ClaimEvent,
  EVENT_TYPES,
  type EventData,
  type EventType,
  type LogPosition,
  type NewEvent,
  type PlacedEvent,
  type RecordedEvent,
  type RegisterEvent,
  type RetractionData,
  type SourceRecord,
  type Toponym,
  VOIDINGS,
  type VoidingData,
  eventText,
  isClaim,
  isRegister,
} from './events/events.js';
export {
  type RecordedRetraction,
  type RecordedStatement,
  applyToStatement,
  compare,
  compareStatements,
  isVoided,
  originKey,
  recordedStatement,
} from './events/recorded-statement.js';
export { UnreadableEvent, type UnreadablePlace, UnreadableShards } from './events/unreadable-event.js';
export { type Upcasters, eventAt, upcast, upcasters } from './events/upcast.js';
export {
  type CodeHolder,
  type PlaceCommand,
  type PlaceFacts,
  codeSchema,
  codesOf,
  coordinatesSchema,
  countriesSchema,
  decidePlaceCommand,
  mergeSchema,
  nameSchema,
  namedBy,
  parseBody,
  placeSchema,
  remarksSchema,
  toponym,
  voidSchema,
} from './place/place-command.js';
export { type Place, type PlaceChange, applyToPlace, placesOf, unregistered } from './place/place.js';
export {
  type PlaceMatch,
  type PlaceMatches,
  type Region,
  type Resolved,
  mayBeProvisional,
  plainResolution,
  resolve,
} from './place/resolution.js';
export {
  type Party,
  type Ruleset,
  type RulesetFile,
  type SideKey,
  keptRuleset,
  parseRuleset,
  partySchema,
  rulesetSchema,
  sideSchema,
} from './ruleset.js';
export { AsOfIndex } from './state/as-of-index.js';
export {
  type Change,
  type Difference,
  type StatusAndHolders,
  VISIBILITIES,
  type Visibility,
  changesOf,
  differenceOf,
  visibilityOf,
} from './state/comparison.js';
export {
  type BitemporalPoint,
  type Evidence,
  type Flag,
  type Interval,
  derive,
  naming,
  retractedAt,
  retractionsOf,
  visible,
} from './state/derive.js';
export { FLAGS, type FlagName } from './state/flags.js';
export { type Interpretation, interpret } from './state/interpretation.js';
export {
  type LocationState,
  type Mention,
  type PlaceHistory,
  locationState,
  mentionsOf,
  momentState,
  nameOf,
  stateOf,
} from './state/location-state.js';
export { PlaceFold } from './state/place-fold.js';
export { STANDINGS, STATUSES, type Status } from './state/standing.js';
export {
  type Coordinates,
  type PlaceCode,
  type PlaceReference,
  type Resolution,
  coordinates,
  country,
  locationId,
  placeCode,
  placeReferenceFields,
} from './statement/place-reference.js';
export { type Remarks, unrecorded } from './statement/remarks.js';
export {
  type Claim,
  type Extent,
  PREDICATES,
  type Predicate,
  STANCES,
  type Source,
  type Speaker,
  type Stance,
  type Statement,
  type Utterance,
  claim,
  extent,
  extentFields,
  extraction,
  grading,
  occurredAt,
  occurrencePrecision,
  parseRetraction,
  parseStatement,
  remarks,
  retractionSchema,
  source,
  span,
  speaker,
  statementSchema,
  uuid,
} from './statement/statement.js';
export {
  type Checkpoint,
  type TreeHead,
  checkpointNote,
  checkpointOrigin,
  parseCheckpoint,
  parseShardCheckpoint,
  shardNote,
  shardOrigin,
} from './transparency/checkpoint.js';
export {
  HASH_BYTES,
  type Leaves,
  consistencyRanges,
  inclusionRanges,
  joined,
  leafHash,
  leafOf,
  writeLeafHash,
} from './transparency/merkle.js';
export {
  type Note,
  type VerifierKey,
  isSignedBy,
  parseNote,
  parseVerifierKey,
  verifierKeyOf,
} from './transparency/signed-note.js';
export {
  GrowingTree,
  TILE_BYTES,
  TILE_WIDTH,
  type TileId,
  rootOf,
  rootOfTile,
  tilesOf,
} from './transparency/tiles.js';
export { FOLD, fold } from './values/fold.js';
export {
  type EventId,
  LOCATION_ID,
  type LocationId,
  REGISTER_STREAM,
  type StatementId,
  anotherId,
  type WrittenFields,
  canonicalJson,
  claimEventId,
  commandEventId,
  correctionEventId,
  parseLocationId,
  parseUuid,
  provisionalId,
  sha256,
  sha256Hex,
  shardOf,
} from './values/identity.js';
export { printable } from './values/printable.js';
export {
  type Refusal,
  type RefusalCode,
  type Result,
  type ValidationIssue,
  accept,
  refuse,
} from './values/refusal.js';
export { foldRegion } from './values/region.js';
export { memoize, name, text } from './values/text.js';
export {
  type Instant,
  PRECISIONS,
  type Precision,
  TIME_FORMAT,
  endOfPeriod,
  moment,
  parseEnd,
  parseMoment,
} from './values/time.js';
export { type Token, formatToken, joinTokens, parseToken } from './values/token.js';
export { validationIssues } from './values/validation-issues.js';
