import type { FastifyInstance, FastifyRequest } from 'fastify';
import { traceparentOf } from '#libs/messaging';
import type { OpenSpan, RequestIds, Tracing } from '#libs/platform';

declare module 'fastify' {
  interface FastifyRequest {
    /** Null where the request is not traced. */
    span: OpenSpan | null;
  }
}

/** Asked every few seconds by machines: their traces would hide the others. */
const UNTRACED: ReadonlySet<string | undefined> = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * A span for each request, as a part of the trace that it names.
 * @param tracing is asked at each request; undefined: nothing is traced
 */
export function traceRequests(
  fastify: FastifyInstance,
  tracing: (() => Tracing | undefined) | undefined,
): void {
  fastify.decorateRequest('span', null);
  if (!tracing) return;
  fastify.addHook('onRequest', (request, _reply, done) => {
    const { method, id, routeOptions, headers } = request;
    if (!UNTRACED.has(routeOptions.url))
      request.span =
        tracing()?.begin(routeOptions.url === undefined ? method : `${method} ${routeOptions.url}`, {
          kind: 'server',
          of: [traceparentOf(headers.traceparent?.toString())],
          attributes: {
            'http.request.method': method,
            ...(routeOptions.url !== undefined && { 'http.route': routeOptions.url }),
            'claimline.request_id': id,
          },
        }) ?? null;
    done();
  });
  // Not before the body has been read: it is read in the context of its connection.
  fastify.addHook('preHandler', (request, _reply, done) => (request.span ? request.span.run(done) : done()));
  fastify.addHook('onResponse', ({ span }, { statusCode }, done) => {
    span?.set({ 'http.response.status_code': statusCode });
    span?.end(statusCode >= 500 ? `answered ${statusCode}` : undefined);
    done();
  });
}

export const idsOf = ({ id, span }: Pick<FastifyRequest, 'id' | 'span'>): RequestIds =>
  span ? { requestId: id, traceId: span.traceId } : { requestId: id };

/** The trace that what a request records belongs to: its span's, or the one that it names. */
export const traceparentOfRequest = ({ span, headers }: FastifyRequest): string | undefined =>
  span?.traceparent ?? traceparentOf(headers.traceparent?.toString());
