import type { Delivery, Reading } from './delivery.js';

interface Waiting extends Reading {
  done: () => void;
}

/** Merges messages of several partitions into few deliveries, because a transaction costs much and an event in it little. */
export class Merging {
  private waiting: Waiting[] = [];
  private busy = false;

  /** @param most events of a delivery; a piece is never split */
  constructor(
    private readonly delivery: Delivery,
    private readonly most: number,
  ) {}

  /** Resolves when all of it was delivered, or its shard rests. */
  submit(reading: Reading): Promise<void> {
    return new Promise((done) => {
      this.waiting.push({ ...reading, done });
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
    const many = this.waiting.findIndex((piece) => (events += piece.events.length) > this.most);
    return this.waiting.splice(0, many < 0 ? this.waiting.length : Math.max(1, many));
  }
}
