export * from './checkpoint.js';
export * from './chronicle.js';
export * from './comparison.js';
export * from './content-digest.js';
export * from './correction.js';
export * from './course.js';
export * from './decide.js';
export * from './derive.js';
export * from './events.js';
export { eventSchemas, resolutionSchema } from './event-schemas.js';
export { faultsOf, pointerTo } from './faults.js';
export { FLAGS, type FlagName } from './flags.js';
export { FOLD, fold } from './fold.js';
export * from './identity.js';
export * from './location-state.js';
export * from './merkle.js';
export * from './place.js';
export * from './place-reference.js';
export * from './refusal.js';
export * from './register-command.js';
export * from './remarks.js';
export * from './resolution.js';
export { foldRegion, saysRegion } from './region.js';
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
export { read, type Facet, type Reading } from './reading.js';
export * from './said.js';
export * from './signed-note.js';
export { type Standing, STANDINGS, type Status, STATUSES } from './standing.js';
export * from './statement.js';
export { name, remembered, text } from './text.js';
export * from './tiles.js';
export * from './time.js';
export * from './token.js';
export * from './tree-proofs.js';
export * from './unknown-parties.js';
export * from './upcast.js';
export { printable } from './printable.js';
