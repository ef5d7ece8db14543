import type { Admin, Kafka } from 'kafkajs';

/** Asks the brokers whether they are there, over one connection that is kept. */
export class BrokerCheck {
  private admin: Admin | undefined;

  constructor(private readonly kafka: Kafka) {}

  /** What is wrong with them; undefined where they answer. */
  async check(): Promise<string | undefined> {
    const admin = this.admin ?? this.kafka.admin({ retry: { retries: 0 } });
    try {
      if (!this.admin) await admin.connect();
      this.admin = admin;
      await admin.describeCluster();
      return undefined;
    } catch (error) {
      this.admin = undefined;
      admin.disconnect().catch(() => {});
      return `the broker does not answer: ${(error as Error).message}`;
    }
  }

  async close(): Promise<void> {
    await this.admin?.disconnect().catch(() => {});
  }
}
