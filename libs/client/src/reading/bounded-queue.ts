import type { Entry } from './read-request.js';

/** A bounded queue from a producer that pushes entries to a consumer that pulls them. */
export class BoundedQueue {
  private items: Entry[] = [];
  private outcome: { error?: unknown } | undefined;
  private wakeTaker = () => {};
  private wakeGiver = () => {};

  constructor(private readonly capacity: number) {}

  /** Whether the producer should wait for room. */
  get full(): boolean {
    return this.items.length >= this.capacity && !this.outcome;
  }

  put(entry: Entry): void {
    const last = this.items.at(-1);
    // Consecutive positions without an event are merged into one entry.
    if (last && !last.event && last.shard === entry.shard) this.items[this.items.length - 1] = entry;
    else this.items.push(entry);
    this.wakeTaker();
  }

  /** Resolves when there may be room, at the latest after `ms`. */
  async room(ms: number): Promise<void> {
    if (!this.full) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeGiver = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** The next entry; undefined after the end. @throws the error it ended with */
  async take(): Promise<Entry | undefined> {
    while (this.items.length === 0) {
      if (this.outcome) {
        if ('error' in this.outcome) throw this.outcome.error;
        return undefined;
      }
      await new Promise<void>((resolve) => (this.wakeTaker = resolve));
    }
    const entry = this.items.shift();
    if (this.items.length <= this.capacity / 2) this.wakeGiver();
    return entry;
  }

  /** Entries put before are still delivered. */
  end(outcome: { error?: unknown } = {}): void {
    this.outcome ??= outcome;
    this.wakeTaker();
    this.wakeGiver();
  }
}
