import { Module } from '@nestjs/common';
import { CqrsModule } from '@nestjs/cqrs';
import { JobsModule } from '#modules/jobs';
import { LogModule } from '#modules/log';
import { MessagingModule } from '#modules/messaging';
import { PlacesModule } from '#modules/places';
import { QueriesModule } from '#modules/queries';
import { TransparencyModule } from '#modules/transparency';

export { runForked } from './run-forked.js';
export { runProcess, serve, untilStopped } from './run-service.js';
export { type Service, startService } from './start-service.js';

/** What each process has, whatever its parts: the buses, the store, the register for a gazetteer, and the metrics of the whole. */
@Module({
  imports: [
    // Global, and only here: of two buses each would know half of the handlers.
    CqrsModule.forRoot(),
    LogModule,
    PlacesModule,
    TransparencyModule,
    QueriesModule,
    JobsModule,
    MessagingModule,
  ],
})
export class ServiceModule {}
