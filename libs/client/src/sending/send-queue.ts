import type { Outgoing } from './outgoing.js';

export interface Bounds {
  count: number;
  bytes: number;
}

/** Callers that wait for room for their items. */
interface Waiter {
  items: readonly Outgoing[];
  next: number;
  resolve: () => void;
  reject: (error: Error) => void;
}

/** Items in order until they are acknowledged, within bounds: further callers wait, first come, first served. */
export class SendQueue {
  /** How many items were ever added, and how many are done, in the same order. */
  brought = 0;
  done = 0;
  private items: Outgoing[] = [];
  private bytes = 0;
  private waiting: Waiter[] = [];

  constructor(private readonly bounds: Bounds) {}

  get length(): number {
    return this.items.length;
  }

  /** Resolves when all of them are in. */
  async put(items: readonly Outgoing[]): Promise<void> {
    this.brought += items.length;
    await new Promise<void>((resolve, reject) => {
      this.waiting.push({ items, next: 0, resolve, reject });
      this.fill();
    });
  }

  /** The first items that fit into a batch; they stay until they are done. */
  batch(bounds: Readonly<Bounds>, joins: (first: Outgoing, next: Outgoing) => boolean): Outgoing[] {
    const [first] = this.items;
    const batch: Outgoing[] = [];
    let bytes = 0;
    for (const item of this.items) {
      bytes += item.bytes;
      if (batch.length > 0 && (batch.length === bounds.count || bytes > bounds.bytes || !joins(first!, item)))
        break;
      batch.push(item);
    }
    return batch;
  }

  /** Removes the first items, which are done. */
  remove(count: number): void {
    for (const { bytes } of this.items.slice(0, count)) this.bytes -= bytes;
    this.items = this.items.slice(count);
    this.done += count;
    this.fill();
  }

  /** Releases all callers that wait for room. */
  fail(error: Error): void {
    for (const { reject } of this.waiting) reject(error);
    this.waiting = [];
  }

  private fill(): void {
    for (let waiter = this.waiting[0]; waiter; waiter = this.waiting[0]) {
      for (; waiter.next < waiter.items.length; waiter.next++) {
        const item = waiter.items[waiter.next]!;
        if (!this.hasRoom(item)) return;
        this.items.push(item);
        this.bytes += item.bytes;
      }
      this.waiting.shift();
      waiter.resolve();
    }
  }

  private hasRoom({ bytes }: Outgoing): boolean {
    return (
      this.items.length === 0 ||
      (this.items.length < this.bounds.count && this.bytes + bytes <= this.bounds.bytes)
    );
  }
}
