import type { DeliveryWithBackoff, FeedBatch } from './delivery-with-backoff.js';

interface Waiting extends FeedBatch {
  done: () => void;
}

/** Merges messages of several partitions into few deliveries, because a transaction costs much and an event in it little. */
export class DeliveryBatcher {
  private waiting: Waiting[] = [];
  private busy = false;

  /** @param maxEvents events of a delivery; a piece is never split */
  constructor(
    private readonly delivery: DeliveryWithBackoff,
    private readonly maxEvents: number,
  ) {}

  /** Resolves when all of it was delivered, or its shard rests. */
  submit(batch: FeedBatch): Promise<void> {
    return new Promise((done) => {
      this.waiting.push({ ...batch, done });
      if (this.busy) return;
      this.busy = true;
      // Deferred, so that messages of other partitions in this turn of the event loop join.
      setImmediate(() => void this.work());
    });
  }

  private async work(): Promise<void> {
    while (this.waiting.length > 0) {
      const pieces = this.take();
      await this.delivery.deliver({
        events: pieces.flatMap(({ events }) => events),
        unreadable: pieces.flatMap(({ unreadable }) => unreadable),
      });
      for (const { done } of pieces) done();
    }
    this.busy = false;
  }

  private take(): Waiting[] {
    let events = 0;
    const many = this.waiting.findIndex((piece) => (events += piece.events.length) > this.maxEvents);
    return this.waiting.splice(0, many < 0 ? this.waiting.length : Math.max(1, many));
  }
}
