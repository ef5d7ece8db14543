export { faultOfBound, parseFrom, parseTo } from './jobs/bounds.js';
export {
  JobCancelled,
  JobInterrupted,
  type JobOutcome,
  type JobHandler,
  type JobProgress,
} from './jobs/job-handler.js';
export { replayLines, type Lines } from './backup/lines.js';
export {
  machineClock,
  MAX_SPEED,
  throttleToRecordedTime,
  parseSpeed,
  SPEED_FORMAT,
  untilDue,
  type Clock,
  type Speed,
} from './jobs/pacing.js';
export { RangeProgress } from './jobs/range-progress.js';
export { PublishJobHandler, type JobBroker } from './jobs/publish-job.js';
export { publishSpec, type HistoryWanted, type PublishSpec } from './jobs/publish-spec.js';
export { limitByBytes, publish, REPLAY, type Publication, type PublishOptions } from './jobs/publish.js';
export { RebuildJobHandler, type Comparison } from './jobs/rebuild-job.js';
export { rebuildSpec, type RebuildSpec } from './jobs/rebuild-spec.js';
export { estimatedEnd, isOpen, JOB_STATES, type Job, type JobState } from './jobs/job.js';
export { Jobs, JOBS_CHANNEL } from './jobs/jobs.js';
export { MAX_LOCATIONS, readReplayRequest, replayRequestSchema, type RequestNeeds } from './jobs/request.js';
export { JobWorker, type JobWorkerOptions } from './jobs/job-worker.js';
export { exportLog } from './backup/log-export.js';
export { restoreLog, type Restored, type RestoreOptions, type SourceLine } from './backup/log-restore.js';
export { type TextChunk } from './export/text-chunk.js';
export { DELIMITERS } from './export/csv.js';
export { isOwnFile, isOwnSchema, type Held } from './export/own-file.js';
export { exportSchema, SCHEMA_FORMATS } from './export/export-schema.js';
export { FORMATS, type Format } from './export/formats.js';
export {
  exportStatements,
  exportStates,
  exportTimelines,
  type FormatOptions,
} from './export/model-export.js';
