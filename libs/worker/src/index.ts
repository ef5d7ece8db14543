export { type RunningWorker, startWorker, type Work, WORK, Worker, WORKER_LOG } from './worker.js';
