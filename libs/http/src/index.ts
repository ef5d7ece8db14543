export { OpenStreams, streamText } from './edge/streaming.js';
export * as receiptsSchemas from './openapi/schemas/receipts.js';
export * as runsSchemas from './openapi/schemas/runs.js';
export { locationIdOf, parameters, parseQuery } from './parameters.js';
export { EventsController } from './reading/events.controller.js';
export { ReadYourWrites } from './reading/read-your-writes.js';
export { StreamController } from './reading/stream.controller.js';
export { type ApiServer, startApi } from './server.js';
