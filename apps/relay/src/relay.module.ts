import { type DynamicModule, Module } from '@nestjs/common';
import type { Relay } from '#libs/feed';
import type { Logger } from '#libs/platform';
import { WORK, Worker, WORKER_LOG, type Work } from '#libs/worker';

/** Relays the log to Kafka. */
@Module({})
export class RelayModule {
  static of(relay: Relay, log: Logger): DynamicModule {
    const work: Work = (signal) => relay.run(signal);
    return {
      module: RelayModule,
      providers: [{ provide: WORK, useValue: work }, { provide: WORKER_LOG, useValue: log }, Worker],
    };
  }
}
