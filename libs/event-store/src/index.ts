export { type AppendTransaction, type Candidate } from './append-transaction.js';
export {
  archive,
  type Archive,
  type ArchivedEvent,
  type ArchivedQuote,
  type ArchivedRuleset,
} from './archive.js';
export { firstLink, linkOf } from './chain.js';
export { entitiesOn, migrate } from './data-source.js';
export { EventStore, type AppendReport, type ReadAllOptions, type StoreOptions } from './event-store.js';
export { Gatherer, type GathererLimits } from './gatherer.js';
export { type Head } from './heads.js';
export * from './ingest.js';
export { logMigrations } from './log-migrations.js';
export { endOf, positionsIn, type Bound, type LogRange, type Wanted } from './log-range.js';
export { type Slice, type TracedEvent } from './range-reading.js';
export { lookForStore, type StorePresence } from './present-store.js';
export { type Original, type Receipt } from './receipt.js';
export { Recorder, type CommandOptions, type RecordOptions } from './recorder.js';
export { Register, type GazetteerPlace, type Reconciled, type ReconcileOptions } from './register.js';
export { refold } from './refolding.js';
export { rebuildRegister } from './register-rebuild.js';
export { Restoration, RestoreRefused, type ArchivedStore } from './restoration.js';
export { RulesetRow } from './ruleset-row.js';
export { RulesetStore } from './ruleset-store.js';
export { recorded, type StoredEvent } from './stored-event.js';
export { type PartyCheck } from './submission.js';
export { TileWriter, type TileWriterOptions } from './tile-writer.js';
export { Trees, type Consistency, type Inclusion } from './trees.js';
export { verify, verifyAgainst, type VerifyOptions } from './verify.js';
export { LOG_CHANNEL } from './wake-up.js';
export { type LogFault, type Verified, type WalkOptions } from './walk-shards.js';
export { UnknownTally } from './unknown-tally.js';
