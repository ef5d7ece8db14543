export { faultOfBound, parseFrom, parseTo } from './bounds.js';
export { Cancelled, PutDown, type Left, type ReplayKind, type RunProgress } from './kind.js';
export { replayLines, type Lines } from './lines.js';
export {
  machineClock,
  MOST_SPEED,
  paced,
  parseSpeed,
  SPEED_FORMAT,
  untilDue,
  type Clock,
  type Speed,
} from './pacing.js';
export { Passage } from './passage.js';
export { PublishKind, type ReplayBroker } from './publish-kind.js';
export { publishSpec, type HistoryWanted, type PublishSpec } from './publish-spec.js';
export { portions, publish, REPLAY, type Publication, type PublishOptions } from './publish.js';
export { RebuildKind, type Comparison } from './rebuild-kind.js';
export { rebuildSpec, type RebuildSpec } from './rebuild-spec.js';
export { estimatedEnd, isOpen, STATES, type Replay, type ReplayState } from './replay.js';
export { Replays, REPLAYS_CHANNEL } from './replays.js';
export { MOST_LOCATIONS, readReplayRequest, replayRequestSchema, type RequestNeeds } from './request.js';
export { Runner, type RunnerOptions } from './runner.js';
export { exportLog } from './log-export.js';
export { restoreLog, type Restored, type RestoreOptions, type SourceLine } from './log-restore.js';
export { type Piece } from './piece.js';
export { DELIMITERS } from './csv.js';
export { isOwnFile, isOwnSchema, type Held } from './own-file.js';
export { exportSchema, SCHEMA_FORMATS } from './export-schema.js';
export { FORMATS, type Format } from './forms.js';
export { exportStatements, exportStates, exportTimelines, type FormOptions } from './model-export.js';
