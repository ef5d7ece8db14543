export { backoffMs, pause } from './backoff.js';
export { Batcher, type BatcherLimits } from './batcher.js';
export { type RetryOptions, retry } from './retry.js';
export { WakeupSignal } from './wakeup-signal.js';
