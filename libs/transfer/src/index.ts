export { archive } from './backup/archive.js';
export { type Lines, replayLines } from './backup/replay-lines.js';
export { exportLog } from './backup/log-export.js';
export { type SourceLine, restoreLog } from './backup/log-restore.js';
export { DELIMITERS } from './export/csv.js';
export { SCHEMA_FORMATS, exportSchema } from './export/export-schema.js';
export { FORMATS, type Format } from './export/formats.js';
export {
  type FormatOptions,
  exportChanges,
  exportStatements,
  exportStates,
  exportTimelines,
} from './export/model-export.js';
export { type Held, isOwnFile, isOwnSchema } from './export/own-file.js';
export type { TextChunk } from './export/text-chunk.js';
export { inputLinesOf } from './import/input-lines.js';
export { csvLines, mappedLines } from './import/mapped-lines.js';
export { parseMapping } from './import/mapping-file.js';
export { Mapping } from './import/mapping.js';
export { ownStatementLines } from './import/own-lines.js';
