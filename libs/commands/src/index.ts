export { readJson } from './read-json.js';
export { type InputLine, type LineResult, recordInBatches } from './record-in-batches.js';
export { type CommandOptions, type RecordOptions, StatementCommands } from './statement-commands.js';
export type { PartyCheck } from './submission.js';
export { UnknownTally } from './unknown-tally.js';
export { type StoredVoiding, writeVoiding } from './voidings.js';
