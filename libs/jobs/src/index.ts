export { faultOfBound, parseFrom, parseTo } from './bounds.js';
export type { JobHandler, JobProgress } from './job-handler.js';
export { jobBroker } from './job-handlers.js';
export type { JobProcessData } from './job-supervisor.js';
export { JobWorker } from './job-worker.js';
export { JOB_STATES, type Job, type JobRefusalCode, type JobState, estimatedEnd, isOpen } from './job.js';
export { Jobs } from './jobs.js';
export {
  type Clock,
  SPEED_FORMAT,
  type Speed,
  machineClock,
  parseSpeed,
  throttleToRecordedTime,
  untilDue,
} from './publish/pacing.js';
export { PublishJobHandler } from './publish/publish-job.js';
export { cancelJob, startJob } from './operated-jobs.js';
export { type PublishSpec, publishSpec } from './publish/publish-spec.js';
export { REPLAY, limitByBytes, publish } from './publish/publish.js';
export { RangeProgress } from './range-progress.js';
export { type Comparison, RebuildJobHandler } from './rebuild/rebuild-job.js';
export { type RebuildSpec, rebuildSpec } from './rebuild/rebuild-spec.js';
export { MAX_LOCATIONS, type RequestNeeds, readReplayRequest, replayRequestSchema } from './request.js';
