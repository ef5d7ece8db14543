export { noStore, openExisting, openOrAttach } from './attach.js';
export { DataFolderInUse, type DataFolderLock, lockDataFolder } from './data-folder.js';
export { connectionError, type Database, openDatabase } from './database.js';
export { createPool, type PoolOptions } from './database-pool.js';
export {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from './embedded-postgres.js';
export { createKafka } from './kafka.js';
export { createLogger, type Logger, NestLogs } from './logs.js';
export { BrokerLink } from './broker-link.js';
export { type HealthServer, notReady, portTaken, startHealthServer, urlOf } from './health-server.js';
export { type Check, Readiness } from './readiness.js';
export { createMetrics } from './metrics.js';
export { checkServer, ServerCheckError, type ServerReport } from './server-check.js';
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
