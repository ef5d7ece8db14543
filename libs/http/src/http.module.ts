import { Module, type OnApplicationShutdown, type OnModuleDestroy } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import type { Server } from 'node:http';
import { Registry } from 'prom-client';
import { Access } from '#libs/access';
import { AccessModule } from '#modules/access';
import { SETTINGS, type Settings } from '#libs/platform';
import { LiveStreams } from '#libs/queries';
import { CommandsModule } from '#modules/commands';
import { DeadLettersModule } from '#modules/intake';
import { JobsModule } from '#modules/jobs';
import { LogModule } from '#modules/log';
import { PlacesModule } from '#modules/places';
import { QueriesModule } from '#modules/queries';
import { TransparencyModule } from '#modules/transparency';
import { maxOpenFiles, mostConnections } from './edge/connections.js';
import { limitsOf } from './edge/limits.js';
import { ApiMetrics, watchStreams } from './edge/metrics.js';
import { OpenStreams } from './edge/streaming.js';
import { KeysController } from './operating/keys.controller.js';
import { AuditController } from './operating/audit.controller.js';
import { DeadLettersController } from './operating/dead-letters.controller.js';
import { OperationsController } from './operating/operations.controller.js';
import { ProofsController } from './operating/proofs.controller.js';
import { ReplaysController } from './operating/replays.controller.js';
import { EventsController } from './reading/events.controller.js';
import { ExportsController } from './reading/exports.controller.js';
import { MapController } from './reading/map.controller.js';
import { OutcomesController } from './reading/outcomes.controller.js';
import { Questions } from './reading/questions.js';
import { ReadYourWrites } from './reading/read-your-writes.js';
import { ReadingController } from './reading/reading.controller.js';
import { RulesetsController } from './reading/rulesets.controller.js';
import { Rulesets } from './reading/rulesets.js';
import { StreamController } from './reading/stream.controller.js';
import { SessionModule } from './session/session.module.js';
import { RegisterController } from './writing/register.controller.js';
import { StatementsController } from './writing/statements.controller.js';

export { createApi } from './server.js';
export { EventsController, ReadYourWrites, StatementsController, StreamController };

/** Time for requests under way to end when the service stops, in milliseconds. */
const SHUTDOWN_GRACE_MS = 3000;

/** The HTTP API. Stopped, it ends streams, takes no new request, and lets those under way end, within about 3 s. */
@Module({
  imports: [
    AccessModule,
    LogModule,
    PlacesModule,
    CommandsModule,
    QueriesModule,
    TransparencyModule,
    JobsModule,
    DeadLettersModule,
    SessionModule,
  ],
  controllers: [
    StatementsController,
    RegisterController,
    MapController,
    ExportsController,
    ReadingController,
    OutcomesController,
    EventsController,
    ProofsController,
    StreamController,
    ReplaysController,
    RulesetsController,
    KeysController,
    OperationsController,
    AuditController,
    DeadLettersController,
  ],
  providers: [
    { provide: ApiMetrics, inject: [Registry], useFactory: (registry: Registry) => new ApiMetrics(registry) },
    { provide: OpenStreams, inject: [SETTINGS, Access, Registry, LiveStreams], useFactory: openStreams },
    ReadYourWrites,
    Rulesets,
    Questions,
  ],
})
export class HttpModule implements OnModuleDestroy, OnApplicationShutdown {
  private grace: NodeJS.Timeout | undefined;

  constructor(
    private readonly streams: OpenStreams,
    private readonly host: HttpAdapterHost,
  ) {}

  onModuleDestroy(): void {
    this.streams.closeAll();
    // Tests compose the API without a server.
    const server = this.host.httpAdapter?.getHttpServer() as Server | undefined;
    this.grace = setTimeout(() => server?.closeAllConnections(), SHUTDOWN_GRACE_MS);
  }

  onApplicationShutdown(): void {
    clearTimeout(this.grace);
  }
}

/** Streams last long: they may take half of the connections, so that short requests find one. */
function openStreams(
  settings: Settings,
  { isLoopback }: Access,
  registry: Registry,
  live: LiveStreams,
): OpenStreams {
  const files = maxOpenFiles();
  const most = files === undefined ? Infinity : Math.floor(mostConnections(files) / 2);
  const limits = limitsOf(settings, isLoopback);
  const streams = new OpenStreams({ all: Math.min(limits.streams, most), ofClient: limits.streamsOfClient });
  watchStreams(registry, streams, live);
  return streams;
}
