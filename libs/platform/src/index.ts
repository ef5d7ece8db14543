export { BackgroundTask } from './background-task.js';
export { BrokerLink } from './broker-link.js';
export { LOGGER, READ_POOL, SETTINGS, STOPPING } from './di-tokens.js';
export { type HealthServer, notReady, portTaken, startHealthServer, urlOf } from './health-server.js';
export { parseJson } from './json.js';
export { createKafka } from './kafka.js';
export { type Line, linesOf } from './lines.js';
export { type Logger, NestLogs, createLogger } from './logs.js';
export { createMetrics } from './metrics.js';
export { failWithFile, sizeOf } from './named-file.js';
export { packagePath, version } from './package-root.js';
export { noStore, openExisting, openOrAttach } from './postgres/attach.js';
export { DataFolderInUse, type DataFolderLock, lockDataFolder } from './postgres/data-folder.js';
export { type PoolOptions, createPool } from './postgres/database-pool.js';
export { type Database, connectionError, openDatabase } from './postgres/database.js';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './postgres/embedded-postgres.js';
export { LOG_CHANNEL, type ListenOptions, listen } from './postgres/listen.js';
export { Pools, sessionName } from './postgres/pools.js';
export { ServerCheckError, type ServerReport, checkServer } from './postgres/server-check.js';
export { type FieldProblem, Problem, type ProblemBody, problemOf } from './problems.js';
export { type Check, Readiness } from './readiness.js';
export {
  type KafkaSettings,
  LOG_LEVELS,
  type LogLevel,
  type Settings,
  SettingsError,
  loadSettings,
  readSettings,
} from './settings.js';
export { readSigningKey } from './signing-key.js';
export { FileInTheWay, requireReplaceable, writeThrough, writeWhole } from './whole-file.js';
