import 'reflect-metadata';
import type { Kafka } from 'kafkajs';
import type pg from 'pg';
import type { EventStore } from '#libs/log';
import { KafkaFeed, StoreFeed, type Feed, type OnFeedError } from '#libs/feed';
import type { Logger, Readiness } from '#libs/platform';
import { Projector } from '#libs/projection';
import { type ReadModels } from '#libs/queries';
import { sourceOf, type Topics, type UnreadableBatch } from '#libs/messaging';
import { type RunningService, startBackgroundService } from '#libs/service';
import { ProjectorModule } from './projector.module.js';

/** What a projector needs. */
export interface ProjectorParts {
  store: EventStore;
  models: ReadModels;
  projectorPool: pg.Pool;
  readiness: Readiness;
  metrics: { projected(events: number): void; watchStopped(feed: Pick<Feed, 'stopped'>): void };
  /** The source of events (default: the store). */
  broker?:
    | {
        kafka: Kafka;
        topics: Topics;
        groups: { projector: string };
        metrics: {
          assigned(group: string): void;
          batch(group: string, messages: number): void;
          unreadable(group: string, now: readonly UnreadableBatch[]): void;
        };
      }
    | undefined;
}

/** Starts projecting the log into the read models. */
export function startProjector(parts: ProjectorParts, log: Logger): Promise<RunningService> {
  const { store, models, projectorPool, readiness, metrics } = parts;
  const projector = new Projector(projectorPool, store, models.generation, {
    log,
    onApplied: ({ events }) => metrics.projected(events),
  });
  const feed = feedOf(parts, log);
  metrics.watchStopped(feed);
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
  return startBackgroundService(ProjectorModule.of(feed, projector, log), log);
}

function feedOf({ store, projectorPool, broker }: ProjectorParts, log: Logger): Feed {
  const onError: OnFeedError = (error, shards) =>
    shards.length > 0
      ? log.error({ err: error, shards }, 'events could not be projected; they will be tried again')
      : log.warn({ err: error }, 'events are waiting: they could not be fetched');
  if (!broker) return new StoreFeed(projectorPool, { onError });
  const { kafka, topics, groups, metrics } = broker;
  return new KafkaFeed(kafka, projectorPool, {
    topic: topics.events,
    groupId: groups.projector,
    source: sourceOf(store.id),
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
