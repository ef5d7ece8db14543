import fastify, { type FastifyInstance, type FastifyReply } from 'fastify';
import type { Registry } from 'prom-client';
import { Problem, problemOf } from './problems.js';
import type { Readiness } from './readiness.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';

interface Address {
  host: string;
  port: number;
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
  const app = fastify({ forceCloseConnections: true, genReqId: requestIdOf });
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const problems = await readiness.problems();
    if (problems.length === 0) return { ...ready(await readiness.warnings()), open: access.open() };
    return refuse(reply, notReady(problems));
  });
  if (registry) serveMetrics(app, registry, (header) => access.refuseMetrics(header));
  return listening(app, at);
}

/** `/metrics` alone, to whoever reaches it. @throws Error with a clear message where the port is taken */
export async function startMetricsServer(registry: Registry, at: Address): Promise<HealthServer> {
  const app = fastify({ forceCloseConnections: true });
  serveMetrics(app, registry);
  return listening(app, at, 'METRICS_PORT');
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
