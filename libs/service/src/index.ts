export { DONE, exitAfter, exitCodeOf, FAILED, WRONG_USAGE } from './exit.js';
export { allParts, type Part, PARTS } from './parts.js';
export { shutdownSignal, Stopped, unlessStopped } from './shutdown.js';
