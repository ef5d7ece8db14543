export { Cancelled, PutDown, type Left, type ReplayKind, type RunProgress } from './kind.js';
export { RebuildKind, type Comparison } from './rebuild-kind.js';
export { rebuildSpec, type RebuildSpec } from './rebuild-spec.js';
export { estimatedEnd, isOpen, STATES, type Replay, type ReplayState } from './replay.js';
export { Replays, REPLAYS_CHANNEL } from './replays.js';
export { readReplayRequest, replayRequestSchema, type RequestNeeds } from './request.js';
export { Runner, type RunnerOptions } from './runner.js';
