export { OpenStreams, streamText } from './edge/streaming.js';
export * as keySchemas from './openapi/schemas/keys.js';
export * as receiptSchemas from './openapi/schemas/receipts.js';
export * as jobSchemas from './openapi/schemas/runs.js';
export { locationIdOf, parameters, parseQuery } from './parameters.js';
