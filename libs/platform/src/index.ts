export { noStore, openExisting, openOrAttach } from './postgres/attach.js';
export { DataFolderInUse, type DataFolderLock, lockDataFolder } from './postgres/data-folder.js';
export { connectionError, type Database, openDatabase } from './postgres/database.js';
export { createPool, type PoolOptions } from './postgres/database-pool.js';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './postgres/embedded-postgres.js';
export { createKafka } from './kafka.js';
export { createLogger, type Logger, NestLogs } from './logs.js';
export { BrokerLink } from './broker-link.js';
export { type HealthServer, notReady, portTaken, startHealthServer, urlOf } from './health-server.js';
export { type Check, Readiness } from './readiness.js';
export { createMetrics } from './metrics.js';
export { checkServer, ServerCheckError, type ServerReport } from './postgres/server-check.js';
export {
  LOG_LEVELS,
  loadSettings,
  type KafkaSettings,
  type LogLevel,
  readSettings,
  type Settings,
  SettingsError,
} from './settings.js';
export { readSigningKey } from './signing-key.js';
export { parseJson } from './json.js';
export { FileInTheWay, requireReplaceable, writeThrough, writeWhole } from './whole-file.js';
export { type Line, linesOf } from './lines.js';
export { type FieldProblem, Problem, type ProblemBody, problemOf } from './problems.js';
