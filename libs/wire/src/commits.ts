import type { Consumer } from 'kafkajs';

const COMMIT_MS = 100;

/**
 * Commits how far partitions are done with, of all at once and now and then: kafkajs would do it for each batch of each. A
 * commit that fails, or comes too late for the next member, makes messages come again, and nothing else.
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

  /** @param next the offset of the first message that is not done with */
  due(partition: number, next: string): void {
    if (this.closed) return;
    this.waiting.set(partition, next);
    this.timer ??= setTimeout(() => void this.flush(), COMMIT_MS);
  }

  /** Nothing is committed until `release`: the partitions may be others now. */
  hold(): void {
    this.held = true;
    this.waiting.clear();
  }

  /** @param begun offsets of partitions that are to be committed though nothing of them may be done yet */
  release(begun: ReadonlyMap<number, number>): void {
    this.held = false;
    for (const [partition, next] of [...begun, ...this.waiting]) this.due(partition, String(next));
  }

  /** Resolves when what was due is committed, as far as it can be. */
  flush(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.underWay = this.underWay.then(() => this.commit());
    return this.underWay;
  }

  /** As `flush`; what is done with later is not committed, which would connect the consumer anew. */
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
