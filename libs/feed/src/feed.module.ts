import { Module } from '@nestjs/common';
import { Counter, Gauge, Registry } from 'prom-client';
import { EventStore } from '#libs/log';
import { sourceOf } from '#libs/messaging';
import {
  BackgroundTask,
  LOGGER,
  type Logger,
  Pools,
  Readiness,
  STOPPING,
  type Tracing,
  TRACING,
} from '#libs/platform';
import { LogModule } from '#modules/log';
import { BROKER, type Broker, MessagingModule } from '#modules/messaging';
import { LostInTopic } from './relay/lost-in-topic.js';
import { Relay } from './relay/relay.js';

/** One connection holds the lock, one listens, one reads. */
const RELAY_CONNECTIONS = 3;
const RELAY_TASK = Symbol('relay task');

/** The relay: gives the log to the topic of events, or stands by for another relay that does. */
@Module({
  imports: [LogModule, MessagingModule],
  providers: [
    {
      provide: Relay,
      inject: [Pools, EventStore, BROKER, LOGGER, Registry, Readiness, TRACING],
      useFactory: relayOf,
    },
    {
      provide: RELAY_TASK,
      inject: [Relay, BROKER, LOGGER, STOPPING],
      useFactory: (relay: Relay, { gate }: Broker, log: Logger, stopping: AbortController) =>
        new BackgroundTask((signal) => relay.run(signal), log, stopping, gate.pass()),
    },
  ],
})
export class RelayModule {}

function relayOf(
  pools: Pools,
  store: EventStore,
  { kafka, topics }: Broker,
  log: Logger,
  registry: Registry,
  readiness: Readiness,
  tracing?: Tracing,
): Relay {
  const registers = [registry];
  const relayed = new Counter({
    name: 'claimline_events_relayed_total',
    help: 'Events that the broker has acknowledged',
    registers,
  });
  const leading = new Gauge({
    name: 'claimline_relay_leads',
    help: '1 while the relay of this process leads',
    registers,
  });
  const relay = new Relay(pools.open('relay', RELAY_CONNECTIONS, 0), kafka, {
    topic: topics.events,
    source: sourceOf(store.id),
    log: store,
    tracing,
    onLeading(leads) {
      if (leads) log.info({ topic: topics.events }, 'this relay leads');
      leading.set(leads ? 1 : 0);
    },
    onSent: (events) => relayed.inc(events),
    onError: (error) =>
      error instanceof LostInTopic
        ? log.error(error.message)
        : log.warn({ err: error }, 'events are waiting: the broker has not taken them'),
  });
  new Gauge({
    name: 'claimline_relay_lag_events',
    help: 'Events that the topic does not have yet',
    labelNames: ['shard'],
    registers,
    async collect() {
      for (const [shard, events] of await relay.lag()) this.labels(String(shard)).set(events);
    },
  });
  readiness.add('relay', async () => relay.problem());
  return relay;
}
