export { exportLog } from './log-export.js';
export { restoreLog, type Restored, type RestoreOptions, type SourceLine } from './log-restore.js';
export { type Piece } from './piece.js';
