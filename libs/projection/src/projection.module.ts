import { Module } from '@nestjs/common';
import type pg from 'pg';
import { Counter, Gauge, Registry } from 'prom-client';
import { type Feed, KafkaFeed, type OnFeedError, StoreFeed } from '#libs/feed';
import { EventStore, RulesetStore } from '#libs/log';
import { sourceOf } from '#libs/messaging';
import {
  BackgroundTask,
  LOGGER,
  type Logger,
  Pools,
  Readiness,
  SETTINGS,
  type Settings,
  STOPPING,
  type Tracing,
  TRACING,
} from '#libs/platform';
import { LogModule } from '#modules/log';
import { BROKER, type Broker, MessagingModule } from '#modules/messaging';
import { openGeneration } from './open-generation.js';
import { Projector, PROJECTOR_POOL_NAME } from './projector.js';
import type { Generation } from './tables/generation.js';

/** Injects the generation of read models in force. */
export const GENERATION = Symbol('generation');

/** The read models that are in force. */
@Module({
  imports: [LogModule],
  providers: [
    {
      provide: GENERATION,
      inject: [EventStore, RulesetStore, SETTINGS, LOGGER],
      async useFactory({ pool }: EventStore, rulesets: RulesetStore, settings: Settings, log: Logger) {
        const generation = await openGeneration(pool, rulesets, settings, log);
        // Known before the first statement, also if the database goes away until then.
        await rulesets.inForce();
        return generation;
      },
    },
  ],
  exports: [GENERATION],
})
export class ProjectionModule {}

const PROJECTOR_CONNECTIONS = 6;
/** Injects the pool of the projector. */
export const PROJECTOR_POOL = Symbol('projector pool');
const FEED = Symbol('feed');
const PROJECTOR_TASK = Symbol('projector task');

/** The projector: projects the log into the read models, from the topic of events or, without a broker, from the store. */
@Module({
  imports: [LogModule, MessagingModule, ProjectionModule],
  providers: [
    {
      provide: PROJECTOR_POOL,
      inject: [Pools],
      useFactory: (pools: Pools) => pools.open(PROJECTOR_POOL_NAME, PROJECTOR_CONNECTIONS, 0),
    },
    {
      provide: Projector,
      inject: [PROJECTOR_POOL, EventStore, GENERATION, LOGGER, Registry],
      useFactory: projectorOf,
    },
    { provide: FEED, inject: [PROJECTOR_POOL, EventStore, BROKER, LOGGER, TRACING], useFactory: feedOf },
    {
      provide: PROJECTOR_TASK,
      inject: [FEED, Projector, BROKER, LOGGER, STOPPING, Registry, Readiness],
      useFactory: taskOf,
    },
  ],
})
export class ProjectorModule {}

function projectorOf(
  pool: pg.Pool,
  store: EventStore,
  generation: Generation,
  log: Logger,
  registry: Registry,
): Projector {
  const projected = new Counter({
    name: 'claimline_events_projected_total',
    help: 'Events projected by this process',
    registers: [registry],
  });
  const onApplied = ({ events }: { events: number }) => projected.inc(events);
  return new Projector(pool, store, generation, { log, onApplied, inLog: true });
}

function feedOf(
  pool: pg.Pool,
  store: EventStore,
  broker: Broker | undefined,
  log: Logger,
  tracing?: Tracing,
): Feed {
  const onError: OnFeedError = (error, shards) =>
    shards.length > 0
      ? log.error({ err: error, shards }, 'events could not be projected; they will be tried again')
      : log.warn({ err: error }, 'events are waiting: they could not be fetched');
  if (!broker) return new StoreFeed(pool, { onError, tracing });
  const { kafka, topics, groups, metrics } = broker;
  return new KafkaFeed(kafka, pool, {
    topic: topics.events,
    groupId: groups.projector,
    source: sourceOf(store.id),
    log: store,
    tracing,
    onError,
    onAssigned: (shards) => {
      log.info({ shards: shards.length }, 'shards were assigned to this projector');
      metrics.assigned(groups.projector);
    },
    onBatch: (messages) => metrics.batch(groups.projector, messages),
    onUnreadable: (now) => {
      metrics.unreadable(groups.projector, now);
      for (const batch of now)
        log.error(batch, 'a batch of events cannot be read; its events are read from the store');
    },
  });
}

function taskOf(
  feed: Feed,
  projector: Projector,
  broker: Broker | undefined,
  log: Logger,
  stopping: AbortController,
  registry: Registry,
  readiness: Readiness,
): BackgroundTask {
  new Gauge({
    name: 'claimline_shard_stopped',
    help: '1 for a shard that is stuck, with the event that blocks it and the reason',
    labelNames: ['shard', 'event', 'reason'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { shard, eventId = '', reason } of feed.stopped())
        this.labels(String(shard), eventId, reason.slice(0, 200)).set(1);
    },
  });
  readiness.add('projector', async () => {
    const stopped = feed.stopped();
    if (stopped.length > 0)
      return stopped
        .map(
          ({ shard, position, eventId, reason }) =>
            `shard ${shard} stands still${eventId ? ` at event ${eventId} (${shard}:${position})` : ''}: ${reason}`,
        )
        .join('; ');
    return undefined;
  });
  // Without a broker it starts at once, so that places of a gazetteer are seen soon.
  return new BackgroundTask((signal) => feed.run(projector, signal), log, stopping, broker?.gate.pass());
}
