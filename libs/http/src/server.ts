import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Logger, NestLogs, type Tracing, TRACING } from '#libs/platform';
import { createAdapter } from './edge/http.js';
import { ApiMetrics } from './edge/metrics.js';
import { ProblemFilter } from './edge/problem.filter.js';
import { serveOpenApi } from './openapi/openapi.js';

/** The application of a module that contains HttpModule, ready to listen. */
export async function createApi(module: DynamicModule, log: Logger): Promise<NestFastifyApplication> {
  // The adapter is made before the metrics, which count the requests that come by it, and before the tracing.
  const watching: { metrics?: ApiMetrics; tracing?: Tracing | undefined } = {};
  const adapter = createAdapter(
    log,
    { request: (...request) => watching.metrics!.request(...request) },
    () => watching.tracing,
  );
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogs(
      log.child({}, { level: log.level === 'debug' || log.level === 'trace' ? log.level : 'warn' }),
    ),
    bodyParser: false,
    abortOnError: false,
  });
  watching.metrics = app.get(ApiMetrics);
  watching.tracing = app.get<Tracing | undefined>(TRACING);
  app.useGlobalFilters(new ProblemFilter(log));
  serveOpenApi(app);
  return app;
}
