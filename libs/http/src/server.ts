import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Logger, NestLogs, portTaken, urlOf } from '#libs/platform';
import { ApiModule, type ApiParts } from './api.module.js';
import { createAdapter } from './edge/http.js';
import { ApiMetrics } from './edge/metrics.js';
import { serveOpenApi } from './openapi/openapi.js';
import { ProblemFilter } from './edge/problem.filter.js';
import { OpenStreams } from './edge/streaming.js';

/** Time for requests under way to end when the service stops, in milliseconds. */
const SHUTDOWN_GRACE_MS = 3000;

export interface ApiServer {
  url: string;
  /** Takes no new request, lets those under way end, ends streams; resolves within about 3 s. */
  close(): Promise<void>;
}

/**
 * Starts the HTTP API.
 * @throws Error with a clear message where the port is taken
 */
export async function startApi(
  parts: ApiParts,
  { host, port }: { host: string; port: number },
  log: Logger,
): Promise<ApiServer> {
  const app = await createApi(parts, log);
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw portTaken(error, host, port);
  }
  const bound = app.getHttpServer().address() as { port: number };
  return {
    url: urlOf(host, bound.port),
    async close() {
      app.get(OpenStreams).closeAll();
      const hard = setTimeout(() => app.getHttpServer().closeAllConnections(), SHUTDOWN_GRACE_MS);
      await app.close();
      clearTimeout(hard);
    },
  };
}

export async function createApi(parts: ApiParts, log: Logger): Promise<NestFastifyApplication> {
  const metrics = new ApiMetrics(parts.registry);
  const app = await NestFactory.create<NestFastifyApplication>(
    ApiModule.of(parts, metrics, log),
    createAdapter(log, metrics),
    {
      logger: new NestLogs(
        log.child({}, { level: log.level === 'debug' || log.level === 'trace' ? log.level : 'warn' }),
      ),
      bodyParser: false,
      abortOnError: false,
    },
  );
  app.useGlobalFilters(new ProblemFilter(log));
  serveOpenApi(app);
  await app.init();
  return app;
}
