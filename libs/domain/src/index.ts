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
  isVoidedBy,
  quoteDigest,
  standingVoidings,
  voidingEvent,
} from './decisions/decide.js';
export { eventSchemas, resolutionSchema } from './decisions/event-schemas.js';
export { type UnknownParty, partyUnknown, unknownParties } from './decisions/unknown-parties.js';
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
  REGISTER,
  type RecordedEvent,
  type RegisterEvent,
  type RegistrationData,
  type RetractionData,
  SCHEMA_VERSION,
  type SourceRecord,
  type Toponym,
  VOIDINGS,
  type VoidingData,
  type VoidingEvent,
  isClaim,
  isRegister,
  isVoiding,
} from './events/events.js';
export {
  type RecordedRetraction,
  type RecordedStatement,
  type Voiding,
  applyToStatement,
  compare,
  compareStatements,
  isVoided,
  originKey,
  originOf,
  recordedStatement,
} from './events/recorded-statement.js';
export { type Upcaster, type Upcasters, eventAt, upcast, upcasters } from './events/upcast.js';
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
export {
  type Place,
  type PlaceChange,
  applyToPlace,
  isSameCode,
  isSameName,
  isSameToponym,
  placesOf,
  unregistered,
} from './place/place.js';
export {
  type PlaceMatch,
  type PlaceMatches,
  type Region,
  type Resolved,
  isPlain,
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
  type Pair,
  type StatusAndHolders,
  VISIBILITIES,
  type Visibility,
  changesOf,
  differenceOf,
  visibilityOf,
} from './state/comparison.js';
export {
  type BitemporalPoint,
  type Derived,
  type Evidence,
  type Flag,
  type HolderState,
  type Interval,
  MAX_EVIDENCE,
  type Standings,
  type VisibleStatements,
  derive,
  deriveMoment,
  deriveSeen,
  momentOf,
  naming,
  retractedAt,
  retractionsOf,
  visible,
} from './state/derive.js';
export { FLAGS, type FlagName } from './state/flags.js';
export { InMemoryProjection } from './state/in-memory-projection.js';
export { type Facet, type Interpretation, interpret } from './state/interpretation.js';
export {
  LastChange,
  type LocationState,
  type Mention,
  type PlaceHistory,
  locationState,
  mentionsOf,
  momentState,
  nameKey,
  nameOf,
  stateOf,
} from './state/location-state.js';
export { STANDINGS, STATUSES, type Standing, type Status } from './state/standing.js';
export {
  type Coordinates,
  type PlaceCode,
  type PlaceReference,
  type Resolution,
  coordinates,
  country,
  locationId,
  placeCode,
  placeReference,
  placeReferenceFields,
} from './statement/place-reference.js';
export { type Remarks, unrecorded } from './statement/remarks.js';
export {
  type Claim,
  type Extent,
  PREDICATES,
  type Predicate,
  type Retraction,
  STANCES,
  type Source,
  type Speaker,
  type Stance,
  type Statement,
  type StatementContent,
  type Utterance,
  claim,
  extent,
  extentFields,
  extraction,
  grading,
  occurredAt,
  occurrencePrecision,
  omitUndefined,
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
  checkpointText,
  parseCheckpoint,
  parseShardCheckpoint,
  shardNote,
  shardOrigin,
} from './transparency/checkpoint.js';
export {
  EMPTY_ROOT,
  HASH_BYTES,
  type Leaves,
  completeRoot,
  consistencyRanges,
  inclusionRanges,
  joined,
  leafHash,
  leafOf,
  nodeHash,
  writeLeafHash,
} from './transparency/merkle.js';
export {
  type Note,
  type VerifierKey,
  isSignedBy,
  parseNote,
  parseVerifierKey,
  signNote,
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
export { isConsistent, rootByInclusion } from './transparency/tree-proofs.js';
export { FOLD, fold } from './values/fold.js';
export {
  type Around,
  type EventId,
  LOCATION_ID,
  type LocationId,
  REGISTER_STREAM,
  type StatementId,
  anotherId,
  canonicalJson,
  claimEventId,
  commandEventId,
  correctionEventId,
  parseLocationId,
  parseUuid,
  provisionalId,
  retractionIdOf,
  sha256,
  shardOf,
  statementIdOf,
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
export { foldRegion, saysRegion } from './values/region.js';
export { memoize, name, text } from './values/text.js';
export {
  type Instant,
  PRECISIONS,
  type Precision,
  TIME_FORMAT,
  type TimeWithPrecision,
  endOfPeriod,
  moment,
  parseEnd,
  parseMoment,
} from './values/time.js';
export { type Token, formatToken, joinTokens, parseToken } from './values/token.js';
export { pointerTo, validationIssues } from './values/validation-issues.js';
