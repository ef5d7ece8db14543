import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type Logger, NestLogs, type Settings } from '#libs/platform';
import { createAdapter } from './edge/http.js';
import { ApiMetrics } from './edge/metrics.js';
import { ProblemFilter } from './edge/problem.filter.js';
import { serveOpenApi } from './openapi/openapi.js';
import { readSessions, SessionCookies } from './edge/session-cookies.js';

/** The application of a module that contains HttpModule, ready to listen. */
export async function createApi(
  module: DynamicModule,
  log: Logger,
  settings: Settings,
): Promise<NestFastifyApplication> {
  // The adapter is made before the metrics, which count the requests that come by it.
  const counted: { metrics?: ApiMetrics } = {};
  const adapter = createAdapter(
    log,
    { request: (...request) => counted.metrics!.request(...request) },
    settings,
  );
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, {
    logger: new NestLogs(
      log.child({}, { level: log.level === 'debug' || log.level === 'trace' ? log.level : 'warn' }),
    ),
    bodyParser: false,
    abortOnError: false,
  });
  counted.metrics = app.get(ApiMetrics);
  readSessions(app.getHttpAdapter().getInstance(), app.get(SessionCookies));
  app.useGlobalFilters(new ProblemFilter(log));
  serveOpenApi(app);
  return app;
}
