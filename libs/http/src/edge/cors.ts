import cors from '@fastify/cors';
import type { FastifyInstance } from 'fastify';
import type { Settings } from '#libs/platform';

/** Headers of requests that pages of other origins may set. */
const REQUEST_HEADERS = [
  'accept',
  'authorization',
  'content-encoding',
  'content-type',
  'if-none-match',
  'last-event-id',
  'traceparent',
  'tracestate',
  'x-request-id',
];
/** Headers of answers that they may read. */
const ANSWER_HEADERS = [
  'allow',
  'etag',
  'link',
  'location',
  'ratelimit',
  'ratelimit-policy',
  'retry-after',
  'www-authenticate',
  'x-request-id',
];
const PREFLIGHT_SECONDS = 600;

/** Lets pages of CORS_ORIGINS read and write, with a key or, from the same site, a session. Without the setting there is no CORS. */
export function shareAcrossOrigins(fastify: FastifyInstance, { browsers: { corsOrigins } }: Settings): void {
  if (corsOrigins.length === 0) return;
  // Called, not registered: its hook runs at its place among the others, so that refusals can be read by the pages too.
  cors(
    fastify,
    {
      origin: corsOrigins,
      credentials: true,
      methods: ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'],
      allowedHeaders: REQUEST_HEADERS,
      exposedHeaders: ANSWER_HEADERS,
      maxAge: PREFLIGHT_SECONDS,
      // OPTIONS is answered in methods.ts.
      preflightContinue: true,
      strictPreflight: false,
    },
    () => {},
  );
}
