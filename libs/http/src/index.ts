export { OpenStreams, streamText } from './edge/streaming.js';
export * as receiptsSchemas from './openapi/schemas/receipts.js';
export * as runsSchemas from './openapi/schemas/runs.js';
export { locationIdOf, parameters, parseQuery } from './parameters.js';
