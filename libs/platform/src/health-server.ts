import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Registry } from 'prom-client';
import { Problem, problemOf } from './problems.js';
import type { Readiness } from './readiness.js';
import { refuseConnection } from './refuse-connection.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';
import { hostCheck, type ServedBy } from './served-hosts.js';

interface Address {
  host: string;
  port: number;
  /** The names under which requests are taken come from them. */
  settings: ServedBy;
}

export interface HealthServer {
  url: string;
  close(): Promise<void>;
}

/** Who may do what in this process. */
export interface HealthAccess {
  /** What is open to everybody, for `/readyz`. */
  open(): string;
  /** Why the metrics are refused to this header Authorization; undefined where they are not. */
  refuseMetrics(authorization: string | undefined): Promise<Problem | undefined>;
}

/**
 * `/healthz`, `/readyz` and `/metrics` of a process that serves no API.
 * @param registry undefined where metrics are served elsewhere
 * @throws Error with a clear message where the port is taken
 */
export async function startHealthServer(
  readiness: Readiness,
  registry: Registry | undefined,
  { access, ...at }: Address & { access: HealthAccess },
): Promise<HealthServer> {
  const app = server(at);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const problems = await readiness.problems();
    if (problems.length === 0) return { ...ready(await readiness.warnings()), open: access.open() };
    return refuse(reply, notReady(problems));
  });
  if (registry) serveMetrics(app, registry, (header) => access.refuseMetrics(header));
  return listening(app, at);
}

/** `/metrics` alone, to whoever reaches it: it needs no key. @throws Error with a clear message where the port is taken */
export async function startMetricsServer(registry: Registry, at: Address): Promise<HealthServer> {
  const app = server(at);
  serveMetrics(app, registry);
  return listening(app, at, 'METRICS_PORT');
}

/** A server that refuses as the API does: unknown hosts, and in problems. */
function server({ settings }: Address): FastifyInstance {
  const app = fastify({
    forceCloseConnections: true,
    genReqId: requestIdOf,
    clientErrorHandler: refuseConnection,
    frameworkErrors: (error, _request, reply) => void refuse(reply as FastifyReply, malformed(error)),
  });
  const refusalOf = hostCheck(settings);
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    const { headers, url } = request.raw;
    done(refusalOf(headers.host, url!) ?? (request.is404 ? nothingHere(app, request) : undefined));
  });
  app.setErrorHandler((error, _request, reply) => refuse(reply, malformed(error)));
  return app;
}

function nothingHere(app: FastifyInstance, { method, url }: FastifyRequest): Problem {
  if (!app.hasRoute({ method: 'GET', url: url.split('?', 1)[0]! }))
    return new Problem(404, 'not-found', 'there is nothing at this path');
  const detail = `${method} is not supported here; this path supports GET, HEAD`;
  return new Problem(405, 'method-not-allowed', detail, undefined, { headers: { allow: 'GET, HEAD' } });
}

function malformed(error: unknown): Problem {
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  if (error instanceof Problem || statusCode >= 500) return problemOf(error);
  return new Problem(statusCode, 'request-malformed', message);
}

function serveMetrics(
  app: FastifyInstance,
  registry: Registry,
  refuses?: HealthAccess['refuseMetrics'],
): void {
  app.get('/metrics', async (request, reply) => {
    const refused = await refuses?.(request.headers.authorization).catch(problemOf);
    if (refused) return refuse(reply, refused);
    return reply.type(registry.contentType).send(await registry.metrics());
  });
}

async function listening(app: FastifyInstance, { host, port }: Address, setting?: string) {
  try {
    return { url: urlOf(host, new URL(await app.listen({ host, port })).port), close: () => app.close() };
  } catch (error) {
    await app.close();
    throw portTaken(error, host, port, setting);
  }
}

const refuse = (reply: FastifyReply, problem: Problem): FastifyReply =>
  reply
    .status(problem.status)
    .headers(problem.headers)
    .header(REQUEST_ID_HEADER, reply.request.id)
    .type('application/problem+json')
    .send(problem.inAnswerTo({ requestId: reply.request.id }).body());

/** The answer of /readyz where everything works. */
export const ready = (warnings: readonly string[]): { status: 'ready'; warnings?: readonly string[] } => ({
  status: 'ready',
  ...(warnings.length > 0 && { warnings }),
});

export const notReady = (problems: readonly string[]): Problem =>
  new Problem(503, 'not-ready', problems.join('; '));

export const urlOf = (host: string, port: number | string): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The error of a listen, with an explanation where the port is taken. */
export const portTaken = (error: unknown, host: string, port: number, setting = 'PORT'): Error =>
  (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
    ? new Error(
        `port ${port} on ${host} is taken: set ${setting} to another one, or to 0 for any that is free`,
      )
    : (error as Error);
