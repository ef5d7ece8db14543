export { BackgroundTask } from './background-task.js';
export { BrokerLink } from './broker-link.js';
export { type BrowserSettings, isLoopbackName, type OidcSettings } from './browser-settings.js';
export { LOGGER, READ_POOL, SETTINGS, STOPPING } from './di-tokens.js';
export { exposedFiles } from './exposed-files.js';
export {
  type HealthAccess,
  type HealthServer,
  notReady,
  portTaken,
  ready,
  startHealthServer,
  startMetricsServer,
  urlOf,
} from './health-server.js';
export { isLongJson, parseJson, parseLongJson } from './json.js';
export { createKafka } from './kafka.js';
export { linesOf } from './lines.js';
export { type Logger, NestLogs, createLogger } from './logs.js';
export { type ReadMetrics, ServiceMetrics } from './metrics.js';
export { failWithFile, isOfFile, sizeOf, textOf } from './named-file.js';
export { packagePath, version } from './package-root.js';
export { noStore, openExisting, openOrAttach } from './postgres/attach.js';
export { DataFolderInUse, type DataFolderLock, lockDataFolder } from './postgres/data-folder.js';
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
export type { Waiting } from './postgres/slots.js';
export { INSUFFICIENT_PRIVILEGE, rightsError } from './postgres/rights.js';
export { setSession } from './postgres/session-settings.js';
export { isStorageFault, storageFaultOf } from './postgres/storage-fault.js';
export { type Db, inTransaction, isConflict, retryConflicts, rollback } from './postgres/transaction.js';
export { Problem, type ProblemBody, problemOf, type RequestIds } from './problems.js';
export { Readiness } from './readiness.js';
export { refuseConnection } from './refuse-connection.js';
export { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';
export { findProcesses, Pools, type SessionProcess, sessionName } from './postgres/pools.js';
export {
  type LogLevel,
  type RequestLimits,
  type Settings,
  SettingsError,
  loadSettings,
  readSettings,
} from './settings.js';
export { hideSecret, withoutSecrets } from './secrets.js';
export { hostCheck } from './served-hosts.js';
export { readSigningKey } from './signing-key.js';
export { openTracing } from './tracing/open-tracing.js';
export { type OpenSpan, traced, type Tracing, TRACING } from './tracing/tracing.js';
export { FileInTheWay, requireReplaceable, writeThrough, writeWhole } from './whole-file.js';
