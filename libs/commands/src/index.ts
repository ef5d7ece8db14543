export { COMMANDS, type Command, type CommandExecutor, fixedRuleset, RULESETS } from './command.js';
export * from './create-commands.js';
export { readJson } from './lines/read-json.js';
export { type InputLine, recordInBatches } from './lines/record-in-batches.js';
export { type RecordOptions } from './record-statements.js';
export { UnknownTally } from './lines/unknown-tally.js';
export { type StoredVoiding, writeVoiding } from './voidings.js';
