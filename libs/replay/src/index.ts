export { exportLog } from './log-export.js';
export { restoreLog, type Restored, type RestoreOptions, type SourceLine } from './log-restore.js';
export { type Piece } from './piece.js';
export { FORMATS, type Format } from './forms.js';
export { exportStatements, exportStates, exportTimelines, type FormOptions } from './model-export.js';
