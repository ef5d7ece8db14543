import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import {
  isLongJson,
  parseJson,
  parseLongJson,
  Problem,
  problemOf,
  refuseConnection,
  REQUEST_ID_HEADER,
  requestIdOf,
  type Logger,
  type Settings,
  type Tracing,
} from '#libs/platform';
import { Answer } from './answer.js';
import { closeUnread } from './closing.js';
import { packAnswers } from './compression.js';
import { boundConnections } from './connections.js';
import { unpackBodies } from './content-encoding.js';
import { shareAcrossOrigins } from './cors.js';
import { JSON_TYPE, NDJSON, negotiateForms } from './forms.js';
import { refuseUnknownHosts } from './hosts.js';
import { answerOtherMethods } from './methods.js';
import type { ApiMetrics } from './metrics.js';
import { escapeProblem, refuseBrokenEscapes } from './escapes.js';
import { refuseForeignWrites } from './origins.js';
import { idsOf, traceRequests } from './request-trace.js';
import { SECURITY_HEADERS } from './security-headers.js';

/** A JSON body, in bytes: an array of 1,000 ordinary statements is about 1 MB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Time limit for a JSON body to arrive, in milliseconds. */
const BODY_TIMEOUT_MS = 30_000;
const HEADERS_TIMEOUT_MS = 15_000;
/** How often connections are checked for that. */
const CHECK_CONNECTIONS_MS = 5000;

// Path parts hold ids and names of places.
const ROUTER = { maxParamLength: 2000, ignoreTrailingSlash: true };

class AnswerAdapter extends FastifyAdapter {
  override reply(...[reply, body, status]: Parameters<FastifyAdapter['reply']>) {
    return body instanceof Answer ? body.send(reply as FastifyReply) : super.reply(reply, body, status);
  }
}

export interface EdgeOptions {
  bodyTimeoutMs?: number;
  tracing?: () => Tracing | undefined;
}

/** Fastify with the limits, the parsers, the id, the log line, the metrics and the span of every request. */
export function createAdapter(
  log: Logger,
  metrics: Pick<ApiMetrics, 'request'>,
  settings: Settings,
  { bodyTimeoutMs = BODY_TIMEOUT_MS, tracing = () => undefined }: EdgeOptions = {},
): FastifyAdapter {
  const adapter = new AnswerAdapter({
    genReqId: requestIdOf,
    bodyLimit: MAX_BODY_BYTES,
    routerOptions: ROUTER,
    forceCloseConnections: 'idle',
    trustProxy: settings.trustProxy ?? false,
    http: {
      headersTimeout: HEADERS_TIMEOUT_MS,
      connectionsCheckingInterval: CHECK_CONNECTIONS_MS,
      requestTimeout: 0,
      keepAliveTimeout: 65_000,
      maxHeaderSize: 64 * 1024,
    },
    frameworkErrors: (error: Error, _request: FastifyRequest, reply: FastifyReply) =>
      sendProblem(
        reply.headers(SECURITY_HEADERS),
        escapeProblem(reply.request.raw.url!) ?? problemOfHttp(error),
      ),
    clientErrorHandler: refuseConnection,
  });
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser(
    JSON_TYPE,
    { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES },
    (_request, body, done) => {
      if (isLongJson(body as Buffer)) return parseLongJson(body as Buffer);
      try {
        done(null, body.length === 0 ? undefined : parseJson(body as Buffer));
      } catch (error) {
        done(error as Error);
      }
      return undefined;
    },
  );
  // A body of any length is left to its reader; what has no route is answered without it.
  const leave = (request: FastifyRequest, payload: IncomingMessage, done: LeaveBody) =>
    request.is404 || takenBy(request).includes(NDJSON) ? done(null, payload) : done(unsupported(request));
  fastify.addContentTypeParser([NDJSON, 'application/ndjson', 'application/jsonl'], leave);
  fastify.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage, done: LeaveBody) =>
    request.is404 ? done(null, payload) : done(unsupported(request)),
  );
  // First, so that every answer has them.
  fastify.addHook('onRequest', (request, reply, done) => {
    void reply.headers(SECURITY_HEADERS).header(REQUEST_ID_HEADER, request.id);
    done();
  });
  boundConnections(fastify, log);
  traceRequests(fastify, settings.tracing && tracing);
  // What a browser may be led to do is refused before anything is done.
  refuseUnknownHosts(fastify, settings);
  shareAcrossOrigins(fastify, settings);
  refuseForeignWrites(fastify, settings);
  refuseBrokenEscapes(fastify);
  answerOtherMethods(fastify, ROUTER);
  negotiateForms(fastify);
  unpackBodies(fastify);
  packAnswers(fastify);
  limitBodyTime(fastify, bodyTimeoutMs);
  closeUnread(fastify);
  fastify.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const seconds = reply.elapsedTime / 1000;
    metrics.request(request.method, route, reply.statusCode, seconds);
    // One line a request; the path without its query, which may hold names.
    log.info(
      {
        method: request.method,
        path: pathOf(request.url),
        status: reply.statusCode,
        address: request.ip,
        ms: Math.round(reply.elapsedTime * 10) / 10,
        ...idsOf(request),
      },
      'request',
    );
    done();
  });
  return adapter;
}

type LeaveBody = (error: Error | null, body?: unknown) => void;

/** The media types of bodies that a route takes. */
const takenBy = ({ routeOptions }: FastifyRequest): readonly string[] =>
  routeOptions.config.takes ?? [JSON_TYPE];

const unsupported = (request: FastifyRequest): Problem =>
  new Problem(415, 'media-type-unsupported', `the body must be ${takenBy(request).join(' or ')}`);

function limitBodyTime(fastify: FastifyInstance, timeoutMs: number): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    const type = request.headers['content-type'];
    if (
      request.raw.headers['transfer-encoding'] === undefined &&
      !(Number(request.headers['content-length']) > 0)
    )
      return done();
    if (type?.includes('ndjson') || type?.includes('jsonl')) return done();
    const timer = setTimeout(() => {
      if (reply.sent || request.raw.destroyed) return;
      const problem = new Problem(408, 'body-too-slow', `the body did not come within ${timeoutMs / 1000} s`);
      sendProblem(reply.header('connection', 'close'), problem);
    }, timeoutMs).unref();
    request.raw.once('end', () => clearTimeout(timer));
    request.raw.once('close', () => clearTimeout(timer));
    done();
  });
}

const pathOf = (url: string) => {
  const end = url.indexOf('?');
  return end < 0 ? url : url.slice(0, end);
};

/** Answers with a problem (RFC 9457). */
export function sendProblem(reply: FastifyReply, problem: Problem): void {
  if (problem.status === 503 || problem.status === 429)
    if (!reply.hasHeader('retry-after')) void reply.header('retry-after', problem.status === 503 ? '1' : '5');
  void reply
    .status(problem.status)
    .headers(problem.headers)
    .header(REQUEST_ID_HEADER, reply.request.id)
    .header('content-type', 'application/problem+json')
    .send(JSON.stringify(problem.inAnswerTo(idsOf(reply.request)).body()));
}

/** Errors of Fastify and Nest themselves, as problems. */
export function problemOfHttp(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { statusCode, status = statusCode } = error as { statusCode?: number; status?: number };
  switch (status) {
    case 404:
      return new Problem(404, 'not-found', 'there is nothing at this path');
    case 413:
      return new Problem(
        413,
        'body-too-large',
        `the body is larger than ${MAX_BODY_BYTES / 1024 / 1024} MiB; send NDJSON for more`,
      );
    case 415:
      return new Problem(415, 'media-type-unsupported', 'the Content-Type of the body cannot be read');
    default:
      return status !== undefined && status >= 400 && status < 500
        ? new Problem(status, 'request-malformed', (error as Error).message)
        : problemOf(error);
  }
}
