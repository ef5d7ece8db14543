export { TILER_POOL_NAME, TileWriter } from './tile-writer.js';
export { type Consistency, Trees } from './trees.js';
export type { LogFault } from './verify-shards.js';
export { verify, verifyAgainst } from './verify.js';
