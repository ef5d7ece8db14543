export { backoffMs, pause } from './backoff.js';
export { Batcher, type BatcherLimits } from './batcher.js';
export { WakeupSignal } from './wakeup-signal.js';
