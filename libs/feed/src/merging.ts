import type { Delivery, Reading } from './delivery.js';

interface Waiting extends Reading {
  done: () => void;
}

/** Joins what several partitions bring at the same time into few deliveries: a transaction costs much, an event in it little. */
export class Merging {
  private waiting: Waiting[] = [];
  private busy = false;

  /** @param most events of a delivery; a piece is never split */
  constructor(
    private readonly delivery: Delivery,
    private readonly most: number,
  ) {}

  /** Resolves when all of it was delivered, or rests. */
  submit(reading: Reading): Promise<void> {
    return new Promise((done) => {
      this.waiting.push({ ...reading, done });
      if (this.busy) return;
      this.busy = true;
      // Not at once: what other partitions bring in this turn of the event loop goes along.
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
