import type { Consumer } from 'kafkajs';

const COMMIT_MS = 100;

/**
 * Commits the progress of all partitions together, at intervals; kafkajs would commit for each batch of each partition. If a
 * commit fails, or comes too late for the next member, messages are only delivered again.
 */
export class Commits {
  private readonly waiting = new Map<number, string>();
  private timer: NodeJS.Timeout | undefined;
  private underWay: Promise<void> = Promise.resolve();
  private held = true;
  private closed = false;

  constructor(
    private readonly consumer: Pick<Consumer, 'commitOffsets'>,
    private readonly topic: string,
    private readonly metadata: string | null,
  ) {}

  /** @param next the offset of the first message that is not handled */
  due(partition: number, next: string): void {
    if (this.closed) return;
    this.waiting.set(partition, next);
    this.timer ??= setTimeout(() => void this.flush(), COMMIT_MS);
  }

  /** Holds commits until `release`, because the assignment may have changed. */
  hold(): void {
    this.held = true;
    this.waiting.clear();
  }

  /** @param begun offsets of partitions that are committed even if nothing of them is handled yet */
  release(begun: ReadonlyMap<number, number>): void {
    this.held = false;
    for (const [partition, next] of [...begun, ...this.waiting]) this.due(partition, String(next));
  }

  /** Resolves when due offsets are committed, as far as possible. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.underWay = this.underWay.then(() => this.commit());
    return this.underWay;
  }

  /** As `flush`; later progress is not committed, because that would reconnect the consumer. */
  close(): Promise<void> {
    this.closed = true;
    return this.flush();
  }

  private async commit(): Promise<void> {
    if (this.held || this.waiting.size === 0) return;
    const { topic, metadata } = this;
    const offsets = [...this.waiting].map(([partition, offset]) => ({ topic, partition, offset, metadata }));
    this.waiting.clear();
    await this.consumer.commitOffsets(offsets).catch(() => {});
  }
}
