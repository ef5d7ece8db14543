export { BackgroundTask } from './background-task.js';
export { BrokerLink } from './broker-link.js';
export { LOGGER, READ_POOL, SETTINGS, STOPPING } from './di-tokens.js';
export { exposedFiles } from './exposed-files.js';
export { type HealthServer, notReady, portTaken, startHealthServer, urlOf } from './health-server.js';
export { parseJson } from './json.js';
export { createKafka } from './kafka.js';
export { linesOf } from './lines.js';
export { type Logger, NestLogs, createLogger } from './logs.js';
export { type ReadMetrics, ServiceMetrics } from './metrics.js';
export { failWithFile, isOfFile, sizeOf, textOf } from './named-file.js';
export { packagePath, version } from './package-root.js';
export { noStore, openExisting, openOrAttach } from './postgres/attach.js';
export { DataFolderInUse, lockDataFolder } from './postgres/data-folder.js';
export {
  bigintArray,
  byteaArray,
  intArray,
  smallintArray,
  textArray,
  timestamptzArray,
  uuidArray,
} from './postgres/binary-array.js';
export { createPool } from './postgres/database-pool.js';
export { readPages } from './postgres/cursor.js';
export { type Database, connectionError, openDatabase } from './postgres/database.js';
export { type EmbeddedPostgres, startEmbeddedPostgres } from './postgres/embedded-postgres.js';
export { LOG_CHANNEL, listen } from './postgres/listen.js';
export { fullness, readRoom, type Room } from './postgres/room.js';
export { RoomGuard } from './postgres/room-guard.js';
export { checkServer } from './postgres/server-check.js';
export { isStorageFault, storageFaultOf } from './postgres/storage-fault.js';
export { type Db, inTransaction, isConflict, retryConflicts, rollback } from './postgres/transaction.js';
export { Problem, type ProblemBody, problemOf } from './problems.js';
export { Readiness } from './readiness.js';
export { findProcesses, Pools, type SessionProcess, sessionName } from './postgres/pools.js';
export { type LogLevel, type Settings, SettingsError, loadSettings, readSettings } from './settings.js';
export { hideSecret, withoutSecrets } from './secrets.js';
export { readSigningKey } from './signing-key.js';
export { FileInTheWay, requireReplaceable, writeThrough, writeWhole } from './whole-file.js';
