import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { QueryBus, QueryHandler } from '@nestjs/cqrs';
import { Gauge, Registry } from 'prom-client';
import { UnreadableEvent } from '#libs/domain';
import { EventStore } from '#libs/log';
import { LOGGER, type Logger, READ_POOL } from '#libs/platform';
import { LogModule } from '#modules/log';
import { GENERATION, ProjectionModule } from '#modules/projection';
import { LiveStreams } from './changes/live-streams.js';
import { QUERY_HANDLERS } from './create-queries.js';
import { Bookmarks } from './freshness/bookmarks.js';
import { ProjectionWaiter } from './freshness/projection-waiter.js';
import { Completeness } from './freshness/completeness.js';
import { readLag, type ShardLag } from './freshness/lag.js';
import { openReadModels, type OpenReadModels } from './open-read-models.js';
import { QUERIES, type QueryExecutor } from './query.js';
import { ReadModels } from './read-models.js';

const OPEN = Symbol('open read models');

/** The handlers of the QueryBus (of ServiceModule) and the bus as QUERIES; what waits until the read models have caught up. */
@Module({
  imports: [LogModule, ProjectionModule],
  providers: [
    { provide: OPEN, inject: [READ_POOL, GENERATION, EventStore, LOGGER], useFactory: openReadModels },
    {
      provide: ReadModels,
      inject: [OPEN, EventStore, Registry],
      useFactory({ models }: OpenReadModels, store: EventStore, registry: Registry) {
        watchLag(registry, () => readLag(models, store));
        return models;
      },
    },
    { provide: ProjectionWaiter, inject: [OPEN], useFactory: ({ waiter }: OpenReadModels) => waiter },
    { provide: Completeness, inject: [OPEN], useFactory: ({ completeness }: OpenReadModels) => completeness },
    {
      provide: Bookmarks,
      inject: [Completeness, EventStore],
      useFactory: (completeness: Completeness, store: EventStore) =>
        new Bookmarks(completeness, (stream) => store.shardOf(stream)),
    },
    ...QUERY_HANDLERS.map(([query, handler]) => {
      QueryHandler(query)(handler);
      return {
        provide: handler,
        inject: [ReadModels],
        useFactory: (models: ReadModels) => new handler(models),
      };
    }),
    { provide: QUERIES, useExisting: QueryBus },
    {
      provide: LiveStreams,
      inject: [EventStore, QUERIES, ReadModels, ProjectionWaiter, LOGGER],
      useFactory: (
        store: EventStore,
        queries: QueryExecutor,
        models: ReadModels,
        waiter: ProjectionWaiter,
        log: Logger,
      ) =>
        new LiveStreams({ log: store, queries, models, waiter }, (error) =>
          error instanceof UnreadableEvent
            ? log.error({ reason: error.message }, 'live streams go on without a shard')
            : log.warn({ err: error }, 'live streams wait for the database'),
        ),
    },
  ],
  exports: [ReadModels, ProjectionWaiter, Completeness, Bookmarks, LiveStreams, QUERIES],
})
export class QueriesModule implements OnApplicationShutdown {
  constructor(
    @Inject(ProjectionWaiter) private readonly waiter: ProjectionWaiter,
    @Inject(LiveStreams) private readonly streams: LiveStreams,
  ) {}

  async onApplicationShutdown(): Promise<void> {
    await this.streams.close();
    await this.waiter.close();
  }
}

function watchLag(registry: Registry, lag: () => Promise<ShardLag[]>): void {
  const gauge = (name: string, help: string, value: (shard: ShardLag) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ['shard'],
      registers: [registry],
      async collect() {
        for (const shard of await lag()) this.labels(String(shard.shard)).set(value(shard));
      },
    });
  gauge(
    'claimline_projection_lag_events',
    'Events that the read models are behind the log',
    (shard) => shard.lag.events,
  );
  gauge(
    'claimline_projection_lag_seconds',
    'Age of what the read models show, where they are behind',
    (shard) => shard.lag.seconds,
  );
}
