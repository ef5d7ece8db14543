import { type DynamicModule, Module } from '@nestjs/common';
import type { Relay } from '#libs/feed';
import type { Logger } from '#libs/platform';
import { BACKGROUND_TASK, BackgroundService, BACKGROUND_LOGGER, type BackgroundTask } from '#libs/service';

/** Relays the log to Kafka. */
@Module({})
export class RelayModule {
  static of(relay: Relay, log: Logger): DynamicModule {
    const work: BackgroundTask = (signal) => relay.run(signal);
    return {
      module: RelayModule,
      providers: [
        { provide: BACKGROUND_TASK, useValue: work },
        { provide: BACKGROUND_LOGGER, useValue: log },
        BackgroundService,
      ],
    };
  }
}
