import type { KafkaMessage } from 'kafkajs';
import type { Unreadable } from './record-batches.js';

/** A batch of records that cannot be read. */
export interface UnreadableBatch extends Unreadable {
  topic: string;
  partition: number;
}

/** The placeholder of a batch that cannot be read (`readingKafka`), always as the last message. */
export const unreadableIn = (message: KafkaMessage | undefined): Unreadable | undefined =>
  (message as { unreadable?: Unreadable } | undefined)?.unreadable;

/** Its location, in one line. */
export const unreadableText = ({ topic, partition, offset, lastOffset }: UnreadableBatch): string => {
  const offsets = offset === lastOffset ? `offset ${offset}` : `offsets ${offset} to ${lastOffset}`;
  return `topic ${topic}, partition ${partition}, ${offsets} cannot be read`;
};

/** How long a partition rests before the batch is tried again. */
const RETRY_MS = 5000;
/** A batch that was not met again by this time after the rest is gone. */
const FORGET_AFTER_MS = 10_000;

/** The batches that a consumer cannot read, at most one for each partition. */
export class UnreadableBatches {
  private readonly now = new Map<number, { batch: UnreadableBatch; timer: NodeJS.Timeout }>();

  constructor(
    private readonly topic: string,
    private readonly onChange: (now: readonly UnreadableBatch[]) => void = () => {},
  ) {}

  /** @returns how long its partition rests, in milliseconds */
  found(partition: number, what: Unreadable): number {
    const before = this.now.get(partition);
    clearTimeout(before?.timer);
    const timer = setTimeout(() => this.forget(partition), RETRY_MS + FORGET_AFTER_MS).unref();
    this.now.set(partition, { batch: { ...what, topic: this.topic, partition }, timer });
    if (before?.batch.offset !== what.offset) this.notify();
    return RETRY_MS;
  }

  forget(partition: number): void {
    clearTimeout(this.now.get(partition)?.timer);
    if (this.now.delete(partition)) this.notify();
  }

  forgetAll(): void {
    for (const partition of this.now.keys()) this.forget(partition);
  }

  private notify(): void {
    this.onChange([...this.now.values()].map(({ batch }) => batch));
  }
}
