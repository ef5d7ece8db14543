import type { Refusal } from '../errors.js';
import { isPermanent, loaded } from './kafka-loading.js';
import type { KafkaSender } from './kafka-sender.js';
import type { Outgoing } from '../sending/outgoing.js';
import type { KafkaTarget } from '../target.js';
import type { Transport } from '../sending/transport.js';

/**
 * Statements and commands as messages of the statements topic. A message is sent again where its outcome is unknown, and may
 * arrive twice: the service recognises it by its id.
 */
export class KafkaTransport implements Transport {
  /** All of a batch may be for one partition, which accepts at most about 1 MB at once. */
  readonly bounds = { count: 1000, bytes: 900_000 };
  private sender: Promise<KafkaSender> | undefined;

  constructor(private readonly target: KafkaTarget) {}

  joins(): boolean {
    return true;
  }

  isTransient(error: unknown): boolean {
    return !isPermanent(error);
  }

  async send(batch: readonly Outgoing[]): Promise<Refusal[]> {
    await (await (this.sender ??= this.load())).send(batch);
    // Refused messages become dead letters.
    return [];
  }

  async close(): Promise<void> {
    await (await this.sender?.catch(() => undefined))?.close();
  }

  private async load(): Promise<KafkaSender> {
    const { KafkaSender } = await loaded(import('./kafka-sender.js'));
    return new KafkaSender(this.target);
  }
}
