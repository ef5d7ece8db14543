import fastify from 'fastify';
import type { Registry } from 'prom-client';
import { Problem } from './problems.js';
import type { Readiness } from './readiness.js';
import { REQUEST_ID_HEADER, requestIdOf } from './request-id.js';

export interface HealthServer {
  url: string;
  close(): Promise<void>;
}

/**
 * `/healthz`, `/readyz` and `/metrics` of a process that serves no API.
 * @throws Error with a clear message where the port is taken
 */
export async function startHealthServer(
  readiness: Readiness,
  registry: Registry,
  { host, port }: { host: string; port: number },
): Promise<HealthServer> {
  const app = fastify({ forceCloseConnections: true, genReqId: requestIdOf });
  app.addHook('onRequest', (request, reply, done) => {
    void reply.header(REQUEST_ID_HEADER, request.id);
    done();
  });
  app.get('/healthz', () => ({ status: 'ok' }));
  app.get('/readyz', async (request, reply) => {
    const problems = await readiness.problems();
    if (problems.length === 0) return { status: 'ready' };
    const answer = notReady(problems).inAnswerTo({ requestId: request.id });
    return reply.status(503).type('application/problem+json').send(answer.body());
  });
  app.get('/metrics', async (_request, reply) =>
    reply.type(registry.contentType).send(await registry.metrics()),
  );
  try {
    return { url: urlOf(host, new URL(await app.listen({ host, port })).port), close: () => app.close() };
  } catch (error) {
    await app.close();
    throw portTaken(error, host, port);
  }
}

export const notReady = (problems: readonly string[]): Problem =>
  new Problem(503, 'not-ready', problems.join('; '));

export const urlOf = (host: string, port: number | string): string =>
  `http://${host.includes(':') ? `[${host}]` : host}:${port}`;

/** The error of a listen, with an explanation where the port is taken. */
export const portTaken = (error: unknown, host: string, port: number): Error =>
  (error as NodeJS.ErrnoException).code === 'EADDRINUSE'
    ? new Error(`port ${port} on ${host} is taken: set PORT to another one, or to 0 for any that is free`)
    : (error as Error);
