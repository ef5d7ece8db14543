export { DONE, exitAfter, exitCodeOf, FAILED, WRONG_USAGE } from './exit.js';
export { ForkedPart } from './forked-part.js';
export { allParts, forkedParts, type Part, PARTS } from './parts.js';
export { shutdownSignal, Stopped, unlessStopped } from './shutdown.js';
