export { ChangePlace } from './change-place.js';
export {
  COMMANDS,
  type Command,
  type CommandExecutor,
  fixedRuleset,
  type RulesetReader,
  RULESETS,
} from './command.js';
export { CorrectStatement } from './correct-statement.js';
export { createCommands } from './create-commands.js';
export { EraseQuote } from './erase-quote.js';
export { readJson } from './lines/read-json.js';
export { type InputLine, type LineResult, recordInBatches } from './lines/record-in-batches.js';
export { type RecordOptions, RecordStatements } from './record-statements.js';
export { RetractStatement } from './retract-statement.js';
export { SetStatementVoided } from './set-statement-voided.js';
export { UnknownTally } from './lines/unknown-tally.js';
export { type StoredVoiding, writeVoiding } from './voidings.js';
