export { TileWriter, type TileWriterOptions } from './tile-writer.js';
export { type Consistency, type Inclusion, Trees } from './trees.js';
export type { LogFault, LogVerification, VerificationOptions } from './verify-shards.js';
export { type VerifyOptions, verify, verifyAgainst } from './verify.js';
