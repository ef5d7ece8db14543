import type { Entry } from './reading.js';

/** Entries on their way from whom they are pushed by to whom asks for them, a few at a time. */
export class HandOver {
  private items: Entry[] = [];
  private outcome: { error?: unknown } | undefined;
  private wakeTaker = () => {};
  private wakeGiver = () => {};

  constructor(private readonly capacity: number) {}

  /** Nothing more should be put until there is room. */
  get full(): boolean {
    return this.items.length >= this.capacity && !this.outcome;
  }

  put(entry: Entry): void {
    const last = this.items.at(-1);
    // Positions that are only passed over need no place of their own.
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

  /** What was put before is still given. */
  end(outcome: { error?: unknown } = {}): void {
    this.outcome ??= outcome;
    this.wakeTaker();
    this.wakeGiver();
  }
}
