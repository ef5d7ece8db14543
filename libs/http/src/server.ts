import 'reflect-metadata';
import type { DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Access, KeyRing } from '#libs/access';
import { bearerReader, identifyCallers, refuseUnauthorized } from './edge/authentication.js';
import { type Logger, NestLogs, type Settings, type Tracing, TRACING } from '#libs/platform';
import { createAdapter } from './edge/http.js';
import { limitsOf } from './edge/limits.js';
import { ApiMetrics } from './edge/metrics.js';
import { OpenStreams } from './edge/streaming.js';
import { ProblemFilter } from './edge/problem.filter.js';
import { limitRates } from './edge/rates.js';
import { serveOpenApi } from './openapi/openapi.js';
import { servePage } from './page/page.js';
import { readSessions, SessionCookies } from './edge/session-cookies.js';

/** The application of a module that contains HttpModule, ready to listen. */
export async function createApi(
  module: DynamicModule,
  log: Logger,
  settings: Settings,
): Promise<NestFastifyApplication> {
  // The adapter is made before the metrics, which count the requests that come by it, and before the tracing.
  const watching: { metrics?: ApiMetrics; tracing?: Tracing | undefined } = {};
  const adapter = createAdapter(
    log,
    { request: (...request) => watching.metrics!.request(...request) },
    settings,
    { tracing: () => watching.tracing },
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
  const [access, ring, streams] = [app.get(Access), app.get(KeyRing), app.get(OpenStreams)];
  const cookies = app.get(SessionCookies);
  readSessions(adapter.getInstance(), cookies);
  identifyCallers(adapter.getInstance(), access, [bearerReader(ring), cookies]);
  ring.onRead(() => streams.closeUnless((caller) => access.stillHolds(caller)));
  // It is known who calls, and those who are refused count too.
  await limitRates(adapter.getInstance(), limitsOf(settings, access.isLoopback).rates);
  refuseUnauthorized(adapter.getInstance());
  await servePage(adapter.getInstance(), settings);
  serveOpenApi(app);
  return app;
}
