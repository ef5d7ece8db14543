import { Module } from '@nestjs/common';
import { Counter, Histogram, Registry } from 'prom-client';
import {
  LOGGER,
  type Logger,
  Pools,
  Readiness,
  SETTINGS,
  type Settings,
  type Tracing,
  TRACING,
} from '#libs/platform';
import { type AppendReport, EventStore } from './event-store.js';
import { openLog } from './open-log.js';
import { RulesetStore } from './ruleset-store.js';

/** The log, opened: made or brought up to date where that is needed. */
@Module({
  providers: [
    {
      provide: EventStore,
      inject: [Pools, SETTINGS, LOGGER, Registry, Readiness, TRACING],
      async useFactory(
        pools: Pools,
        settings: Settings,
        log: Logger,
        registry: Registry,
        readiness: Readiness,
        tracing?: Tracing,
      ) {
        const store = await openLog(pools, settings, log, 'make', countAppends(registry), tracing);
        readiness.add('database', async () => void (await store.heads()));
        return store;
      },
    },
    {
      provide: RulesetStore,
      inject: [EventStore],
      useFactory: ({ pool }: EventStore) => new RulesetStore(pool),
    },
  ],
  exports: [EventStore, RulesetStore],
})
export class LogModule {}

function countAppends(registry: Registry): (report: AppendReport) => void {
  const registers = [registry];
  const seconds = new Histogram({
    name: 'claimline_append_seconds',
    help: 'Time of one append to the log',
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5],
    registers,
  });
  const events = new Counter({
    name: 'claimline_events_appended_total',
    help: 'Events appended to the log',
    registers,
  });
  const duplicates = new Counter({
    name: 'claimline_duplicates_total',
    help: 'Repeats recognised',
    registers,
  });
  return (append) => {
    seconds.observe(append.seconds);
    events.inc(append.events);
    duplicates.inc(append.duplicates);
  };
}
