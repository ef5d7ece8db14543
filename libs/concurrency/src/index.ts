export { backoffMs, pause } from './backoff.js';
export { Batcher } from './batcher.js';
export { retry } from './retry.js';
export { TimeSlice } from './time-slice.js';
export { WakeupSignal } from './wakeup-signal.js';
