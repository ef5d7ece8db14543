import type { Admin, Kafka } from 'kafkajs';

/** One connection to the brokers that is kept for inspecting them. */
export class BrokerLink {
  private admin: Promise<Admin> | undefined;

  constructor(private readonly kafka: Kafka) {}

  /** @throws where the brokers do not answer; the next call reconnects */
  async ask<T>(question: (admin: Admin) => Promise<T>): Promise<T> {
    const asked = (this.admin ??= this.connect());
    try {
      return await question(await asked);
    } catch (error) {
      if (this.admin === asked) this.admin = undefined;
      asked.then((admin) => admin.disconnect()).catch(() => {});
      throw error;
    }
  }

  /** The error of the brokers; undefined where they answer. */
  async problem(): Promise<string | undefined> {
    return this.ask((admin) => admin.describeCluster()).then(
      () => undefined,
      (error: unknown) => `does not answer: ${(error as Error).message}`,
    );
  }

  /**
   * How many messages of each partition of a topic a group has not committed, up to the last stable offset, because kafkajs
   * reads only committed transactions.
   */
  lagOf(groupId: string, topic: string): Promise<Map<number, number>> {
    return this.ask(async (admin) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const committed = new Map(
        group!.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
      );
      // -1 means that nothing is committed yet: the group starts at the beginning. An offset of an earlier topic may be
      // beyond the end.
      return new Map(
        ends.map(({ partition, low, high }) => [
          partition,
          Math.max(0, Number(high) - Math.max(Number(low), committed.get(partition) ?? 0)),
        ]),
      );
    });
  }

  async close(): Promise<void> {
    await this.admin?.then((admin) => admin.disconnect()).catch(() => {});
  }

  private async connect(): Promise<Admin> {
    const admin = this.kafka.admin({ retry: { retries: 1 } });
    await admin.connect();
    return admin;
  }
}
