import { Module } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  fullness,
  isStorageFault,
  LOGGER,
  type Logger,
  Pools,
  problemOf,
  Readiness,
  readRoom,
  SETTINGS,
  type Settings,
} from '#libs/platform';
import { type AppendReport, EventStore } from './event-store.js';
import { openLog } from './open-log.js';
import { RulesetStore } from './ruleset-store.js';

/** The log, opened: made or brought up to date where that is needed. */
@Module({
  providers: [
    {
      provide: EventStore,
      inject: [Pools, SETTINGS, LOGGER, Registry, Readiness],
      async useFactory(
        pools: Pools,
        settings: Settings,
        log: Logger,
        registry: Registry,
        readiness: Readiness,
      ) {
        const store = await openLog(pools, settings, log, 'make', countAppends(registry));
        readiness.add('database', async () => (await databaseProblem(store)) ?? (await diskProblem(pools)));
        countRoom(registry, pools);
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

/** @throws where the database is away, for another reason than its disk */
async function databaseProblem(store: EventStore): Promise<string | undefined> {
  try {
    await store.heads();
    return undefined;
  } catch (error) {
    if (!isStorageFault(error)) throw error;
    return problemOf(error).message;
  }
}

async function diskProblem({ database: { folder } }: Pools): Promise<string | undefined> {
  const room = folder === undefined ? undefined : await readRoom(folder);
  return room && fullness(room);
}

/** Only of an embedded server: of another one the room is not known here. */
function countRoom(registry: Registry, { database: { folder } }: Pools): void {
  if (folder === undefined) return;
  new Gauge({
    name: 'claimline_store_free_bytes',
    help: 'Room left on the disk of the embedded database',
    registers: [registry],
    async collect() {
      const room = await readRoom(folder);
      if (room) this.set(room.freeBytes);
    },
  });
}

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
