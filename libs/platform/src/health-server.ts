import fastify, { type FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { Problem } from './problems.js';
import type { Readiness } from './readiness.js';

interface Address {
  host: string;
  port: number;
}

export interface HealthServer {
  url: string;
  close(): Promise<void>;
}

/**
 * `/healthz`, `/readyz` and `/metrics` of a process that serves no API.
 * @param registry undefined where metrics are served elsewhere
 * @throws Error with a clear message where the port is taken
 */
export async function startHealthServer(
  readiness: Readiness,
  registry: Registry | undefined,
  at: Address,
): Promise<HealthServer> {
  const app = fastify({ forceCloseConnections: true });
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (_request, reply) => {
    const problems = await readiness.problems();
    if (problems.length === 0) return { status: 'ready' };
    return reply.status(503).type('application/problem+json').send(notReady(problems).body());
  });
  if (registry) serveMetrics(app, registry);
  return listening(app, at);
}

/** `/metrics` alone. @throws Error with a clear message where the port is taken */
export async function startMetricsServer(registry: Registry, at: Address): Promise<HealthServer> {
  const app = fastify({ forceCloseConnections: true });
  serveMetrics(app, registry);
  return listening(app, at, 'METRICS_PORT');
}

function serveMetrics(app: FastifyInstance, registry: Registry): void {
  app.get('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
}

async function listening(app: FastifyInstance, { host, port }: Address, setting?: string) {
  try {
    return { url: urlOf(host, new URL(await app.listen({ host, port })).port), close: () => app.close() };
  } catch (error) {
    await app.close();
    throw portTaken(error, host, port, setting);
  }
}

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
