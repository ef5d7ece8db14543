export { type AppendTransaction, type EventToAppend } from './log/append-transaction.js';
export {
  archive,
  type Archive,
  type ArchivedEvent,
  type ArchivedQuote,
  type ArchivedRuleset,
} from './backup/archive.js';
export { firstLink, linkOf } from './log/chain.js';
export { entitiesOn, migrate } from './schema/data-source.js';
export { EventStore, type AppendReport, type ReadAllOptions, type StoreOptions } from './log/event-store.js';
export { Batcher, type BatcherLimits } from './commands/batcher.js';
export { type Head } from './log/heads.js';
export * from './commands/record-in-batches.js';
export { logMigrations } from './schema/log-migrations.js';
export { rangeEnd, positionsIn, type RangeBound, type LogRange, type RangeFilter } from './log/log-range.js';
export { type LineChunk, type TracedEvent } from './log/range-reading.js';
export { lookForStore, type StorePresence } from './log/present-store.js';
export { type ExistingRecord, type Receipt } from './log/receipt.js';
export { StatementCommands, type CommandOptions, type RecordOptions } from './commands/statement-commands.js';
export { Register, type GazetteerPlace, type Reconciled, type ReconcileOptions } from './places/register.js';
export { refold } from './places/refolding.js';
export { rebuildRegister } from './places/register-rebuild.js';
export { Restoration, RestoreRefused, type ArchivedStore } from './backup/restoration.js';
export { RulesetRow } from './schema/ruleset-row.js';
export { RulesetStore } from './ruleset-store.js';
export { recorded, type StoredEvent } from './log/stored-event.js';
export { type PartyCheck } from './commands/submission.js';
export { TileWriter, type TileWriterOptions } from './transparency/tile-writer.js';
export { Trees, type Consistency, type Inclusion } from './transparency/trees.js';
export { verify, verifyAgainst, type VerifyOptions } from './transparency/verify.js';
export { LOG_CHANNEL } from './log/append-notifier.js';
export {
  type LogFault,
  type LogVerification,
  type VerificationOptions,
} from './transparency/verify-shards.js';
export { UnknownTally } from './commands/unknown-tally.js';
