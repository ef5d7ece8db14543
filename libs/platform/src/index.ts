export { DataFolderInUse, type DataFolderLock, lockDataFolder } from './data-folder.js';
export { type Database, openDatabase } from './database.js';
export { createPool, type PoolOptions } from './database-pool.js';
export { type EmbeddedPostgres, type EmbeddedPostgresOptions, startEmbeddedPostgres } from './embedded-postgres.js';
export { createLogger, type Logger, NestLogs } from './logs.js';
export { createMetrics } from './metrics.js';
export { checkServer, ServerCheckError, type ServerReport } from './server-check.js';
export { LOG_LEVELS, loadSettings, type LogLevel, readSettings, type Settings, SettingsError } from './settings.js';
