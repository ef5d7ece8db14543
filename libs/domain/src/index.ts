export * from './transparency/checkpoint.js';
export * from './state/in-memory-projection.js';
export * from './state/comparison.js';
export * from './decisions/content-digest.js';
export * from './decisions/correction.js';
export * from './state/as-of-index.js';
export * from './decisions/decide.js';
export * from './state/derive.js';
export * from './events/events.js';
export { eventSchemas, resolutionSchema } from './decisions/event-schemas.js';
export { validationIssues, pointerTo } from './values/validation-issues.js';
export { FLAGS, type FlagName } from './state/flags.js';
export { FOLD, fold } from './values/fold.js';
export * from './values/identity.js';
export * from './state/location-state.js';
export * from './transparency/merkle.js';
export * from './place/place.js';
export * from './statement/place-reference.js';
export * from './values/refusal.js';
export * from './place/place-command.js';
export * from './statement/remarks.js';
export * from './place/resolution.js';
export { foldRegion, saysRegion } from './values/region.js';
export {
  keptRuleset,
  parseRuleset,
  partySchema,
  rulesetSchema,
  sideSchema,
  type Party,
  type Ruleset,
  type RulesetFile,
  type SideKey,
} from './ruleset.js';
export { interpret, type Facet, type Interpretation } from './state/interpretation.js';
export * from './events/recorded-statement.js';
export * from './transparency/signed-note.js';
export { type Standing, STANDINGS, type Status, STATUSES } from './state/standing.js';
export * from './statement/statement.js';
export { name, memoize, text } from './values/text.js';
export * from './transparency/tiles.js';
export * from './values/time.js';
export * from './values/token.js';
export * from './transparency/tree-proofs.js';
export * from './decisions/unknown-parties.js';
export * from './events/upcast.js';
export { printable } from './values/printable.js';
