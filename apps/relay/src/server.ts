import 'reflect-metadata';
import type { Kafka } from 'kafkajs';
import type pg from 'pg';
import type { EventStore } from '#libs/log';
import { Relay } from '#libs/feed';
import type { Logger, Readiness } from '#libs/platform';
import { sourceOf, type Topics } from '#libs/messaging';
import { type RunningService, startBackgroundService } from '#libs/service';
import { RelayModule } from './relay.module.js';

/** What a relay needs. */
export interface RelayParts {
  store: EventStore;
  /** Connections of its own: one holds the lock while it leads. */
  relayPool: pg.Pool;
  readiness: Readiness;
  broker: {
    kafka: Kafka;
    topics: Topics;
    metrics: {
      relayed(events: number): void;
      leads(leads: boolean): void;
      watchRelay(relay: Pick<Relay, 'lag'>): void;
    };
  };
}

/** Starts relaying the log to the events topic, or standing by for another relay that does. */
export function startRelay(
  { store, relayPool, readiness, broker: { kafka, topics, metrics } }: RelayParts,
  log: Logger,
): Promise<RunningService> {
  const relay = new Relay(relayPool, kafka, {
    topic: topics.events,
    source: sourceOf(store.id),
    onLeading(leads) {
      if (leads) log.info({ topic: topics.events }, 'this relay leads');
      metrics.leads(leads);
    },
    onSent: (events) => metrics.relayed(events),
    onError: (error) => log.warn({ err: error }, 'events are waiting: the broker has not taken them'),
  });
  metrics.watchRelay(relay);
  readiness.add('relay', async () => relay.problem());
  return startBackgroundService(RelayModule.of(relay, log), log);
}
