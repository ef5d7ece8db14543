import { Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import type { Kafka } from 'kafkajs';
import { Registry } from 'prom-client';
import { EventStore } from '#libs/log';
import {
  BrokerLink,
  createKafka,
  LOGGER,
  type Logger,
  Readiness,
  SETTINGS,
  type Settings,
} from '#libs/platform';
import { LogModule } from '#modules/log';
import { ConsumerMetrics } from './consumer-metrics.js';
import { TopicGate } from './topics/topic-gate.js';
import { topicsOf, type Topics } from './topics/topics.js';

/** Kafka, with the names of our topics and groups. */
export interface Broker {
  kafka: Kafka;
  topics: Topics;
  groups: { recorder: string; projector: string };
  metrics: ConsumerMetrics;
  gate: TopicGate;
  /** For looking at the brokers. */
  link: BrokerLink;
}

/** Injects the broker; undefined where the settings name none. */
export const BROKER = Symbol('broker');

/** The broker that the settings name, if they do. */
@Module({
  imports: [LogModule],
  providers: [
    { provide: BROKER, inject: [SETTINGS, LOGGER, Registry, Readiness, EventStore], useFactory: brokerOf },
  ],
  exports: [BROKER],
})
export class MessagingModule implements OnApplicationShutdown {
  constructor(@Inject(BROKER) private readonly broker: Broker | undefined) {}

  async onApplicationShutdown(): Promise<void> {
    await this.broker?.link.close();
  }
}

function brokerOf(
  { kafka: settings }: Settings,
  log: Logger,
  registry: Registry,
  readiness: Readiness,
  { shards }: EventStore,
): Broker | undefined {
  if (!settings) return undefined;
  const kafka = createKafka(settings, log);
  const topics = topicsOf(settings.prefix);
  const groups = { recorder: `${settings.prefix}.recorder`, projector: `${settings.prefix}.projector` };
  const link = new BrokerLink(kafka);
  readiness.add('broker', () => link.problem());
  const metrics = new ConsumerMetrics(registry);
  metrics.watchLag((group, topic) => link.lagOf(group, topic), {
    [groups.recorder]: topics.statements,
    [groups.projector]: topics.events,
  });
  return { kafka, topics, groups, metrics, gate: new TopicGate(kafka, topics, shards, log), link };
}
