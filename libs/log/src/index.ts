export { type EventToAppend, prepareEvent } from './append/append-events.js';
export { AppendTransaction } from './append/append-transaction.js';
export { insertEvents, insertIds, insertProvisional } from './append/log-inserts.js';
export {
  type ExistingRecord,
  type Receipt,
  answerDuplicate,
  conflict,
  existingRecordsOf,
  receiptOf,
} from './append/receipt.js';
export { type AppendReport, EventStore, type OnUnreadable, type StoreOptions } from './event-store.js';
export { type Opening, openLog } from './open-log.js';
export { performOperation } from './perform-operation.js';
export type { AuditFilter, AuditPage, AuditPosition } from './read/audit.js';
export { clockWarnings, readClocks } from './read/clock.js';
export { type LogRange, type RangeBound, type RangeFilter, positionsIn, rangeEnd } from './read/log-range.js';
export { type ShardPage, type ShardRange, mergeShards } from './read/merged-shards.js';
export type { LineChunk, TracedEvent } from './read/range-reading.js';
export { type RecordedLater, findEvent, readLater } from './read/shard-reading.js';
export { firstLink, foreignDateStyleOf, linkOf } from './rows/chain.js';
export { confirmEpochs, insertEpochs, readEpochs, readPresentEpoch } from './epochs/epoch-rows.js';
export { EpochWatch } from './epochs/epoch-watch.js';
export { openEpochAtHeads, type Observation } from './epochs/reconcile.js';
export { type Head, beginWithHeads, moveHeads, readHeads, readPositions } from './rows/heads.js';
export { EVENT_COLUMNS, type StoredEvent, recorded, requireReadable, types } from './rows/stored-event.js';
export { readRuleset, rulesetInForce } from './ruleset-file.js';
export { RulesetStore } from './ruleset-store.js';
export { appliedMigrations, migrate } from './schema/data-source.js';
export { grantLog, requireRole } from './schema/grants.js';
export { logMigrations } from './schema/log-migrations.js';
export { BEGIN_ALONE, findStore, insertStore } from './store/open-store.js';
