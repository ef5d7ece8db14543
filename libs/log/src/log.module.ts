import { setTimeout as sleep } from 'node:timers/promises';
import { Module } from '@nestjs/common';
import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import {
  BackgroundTask,
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
  STOPPING,
  type Tracing,
  TRACING,
} from '#libs/platform';
import { EpochWatch } from './epochs/epoch-watch.js';
import { SeenFile } from './epochs/seen-file.js';
import { type AppendReport, EventStore } from './event-store.js';
import { openLog } from './open-log.js';
import { clockWarnings, readClocks } from './read/clock.js';
import { RulesetStore } from './ruleset-store.js';

const EPOCH_TASK = Symbol('epoch task');

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
        readiness.add(
          'database',
          async () => (await diskProblem(pools)) ?? (await databaseProblem(store, pools)),
        );
        const warnings = async () => clockWarnings(await readClocks(store.pool));
        for (const warning of await warnings()) log.warn(warning);
        readiness.addWarnings(warnings);
        countRoom(registry, pools);
        watchDatabase(registry, store);
        return store;
      },
    },
    {
      provide: EPOCH_TASK,
      inject: [EventStore, SETTINGS, LOGGER, STOPPING],
      useFactory(store: EventStore, settings: Settings, log: Logger, stopping: AbortController) {
        const file = SeenFile.of(settings, store.id, log);
        const watch = new EpochWatch(store.lineage, {
          onEpoch: (said) => log.warn(said),
          keep: file && ((seen) => file.write(seen)),
        });
        return new BackgroundTask((signal) => watch.run(signal), log, stopping);
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

/** How long the database may take to answer before it is asked whether connections are what is missing. */
const SLOW_MS = 1500;

/**
 * Why the database is of no use; undefined where it answers, and refuses no connection.
 * @throws where the database is away, for another reason than its disk
 */
function databaseProblem(store: EventStore, pools: Pools): Promise<string | undefined> {
  const asked = store.heads().then(
    () => pools.full,
    (error: unknown) => {
      if (!isStorageFault(error)) throw error;
      return problemOf(error).message;
    },
  );
  const slow = sleep(SLOW_MS, undefined, { ref: false }).then(() => pools.full ?? asked);
  return Promise.race([asked, slow]);
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

function watchDatabase(registry: Registry, store: EventStore): void {
  new Gauge({
    name: 'claimline_database_up',
    help: 'Whether the database answers: 1, or 0',
    registers: [registry],
    async collect() {
      const answered = store.heads().then(
        () => 1,
        () => 0,
      );
      this.set(await Promise.race([answered, sleep(SLOW_MS, 0, { ref: false })]));
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
