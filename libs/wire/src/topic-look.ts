import type { Kafka } from 'kafkajs';
import { metadataRequest, readTopic, WITH_TOPIC_IDS, METADATA, type TopicNow } from './topic-metadata.js';

// What kafkajs 2.2.4 has inside and does not give out: connections, and a way to ask what it has no words for.
interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  brokerPool: { findConnectedBroker(): Promise<Broker> };
}
interface Broker {
  metadata(topics: readonly string[]): Promise<{ topicMetadata: { partitionMetadata: object[] }[] }>;
  versions: Record<number, { maxVersion: number }>;
  connectionPool: { send<T>(exchange: { request: object; response: { decode(payload: Buffer): Promise<T>; parse(data: T): Promise<T> } }): Promise<T> };
}

/** Looks at a topic, over one connection that is kept (docs/decisions/046-topics-have-ids.md). */
export class TopicLook {
  private cluster: Promise<Cluster> | undefined;

  constructor(
    private readonly kafka: Kafka,
    private readonly topic: string,
  ) {}

  /** Undefined where there is no such topic. @throws where the brokers do not answer; the next look connects anew */
  async now(): Promise<TopicNow | undefined> {
    const asked = (this.cluster ??= this.connect());
    try {
      return await this.ask(await (await asked).brokerPool.findConnectedBroker());
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const { cluster } = this;
    this.cluster = undefined;
    await cluster?.then((one) => one.disconnect()).catch(() => {});
  }

  private async connect(): Promise<Cluster> {
    const inside = Object.getOwnPropertySymbols(this.kafka).find(({ description }) => description === 'private:Kafka:createCluster');
    const make = this.kafka as unknown as Record<symbol, (options: object) => Cluster>;
    const cluster = make[inside!]!({ allowAutoTopicCreation: false });
    await cluster.connect();
    return cluster;
  }

  private async ask(broker: Broker): Promise<TopicNow | undefined> {
    if ((broker.versions[METADATA]?.maxVersion ?? 0) < WITH_TOPIC_IDS) return this.askWithoutId(broker);
    const payload = metadataRequest(this.topic);
    const request = { apiKey: METADATA, apiVersion: WITH_TOPIC_IDS, apiName: 'Metadata', encode: async () => ({ buf: payload, buffer: payload }) };
    const { topic } = await broker.connectionPool.send({ request, response: { decode: async (answer) => ({ topic: readTopic(answer) }), parse: async (data) => data } });
    return topic;
  }

  private async askWithoutId(broker: Broker): Promise<TopicNow | undefined> {
    try {
      const { topicMetadata } = await broker.metadata([this.topic]);
      return { id: undefined, partitions: topicMetadata[0]!.partitionMetadata.length };
    } catch (error) {
      if ((error as { type?: string }).type === 'UNKNOWN_TOPIC_OR_PARTITION') return undefined;
      throw error;
    }
  }
}
