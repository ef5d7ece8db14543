import type { Instant } from '#libs/domain';

/** The positions of one shard after `after`, up to `upTo`. */
export interface ShardRange {
  shard: number;
  after: number;
  upTo: number;
}

/** The items found in a part of a span, in order, and the position up to which it was read. */
export interface ShardPage<T> {
  items: T[];
  reached: number;
}

/** Reads the beginning of a span, at most about `limit` events. */
export type ReadPage<T> = (span: ShardRange, limit: number) => Promise<ShardPage<T>>;

// The size of all buffers together: with more shards, pages are smaller, so that memory stays flat.
const MAX_BUFFERED_ITEMS = 4000;

/**
 * Several shards as one sequence by recordedAt (then by shard), each shard in its own order.
 * @param pageSize events read of a shard at once: few where only the first ones are needed
 */
export const mergeShards = <T extends { recordedAt: Instant }>(
  read: ReadPage<T>,
  spans: readonly ShardRange[],
  pageSize?: number,
): AsyncGenerator<T> =>
  mergeAs(
    (item) => item,
    read,
    () => spans,
    pageSize,
  );

/**
 * As `mergeShards`, of each item what `give` makes of it: a generator around another one would cost as much again for each.
 * @param spansOf called when the first item is asked for
 * @param onFailure called with what `give` throws: where it does not throw too, the shard ends there, and the others continue
 */
export async function* mergeAs<T extends { recordedAt: Instant }, Given>(
  give: (item: T) => Given,
  read: ReadPage<T>,
  spansOf: () => readonly ShardRange[] | Promise<readonly ShardRange[]>,
  pageSize = 1000,
  onFailure: (error: unknown) => void | Promise<void> = rethrow,
): AsyncGenerator<Given> {
  const spans = await spansOf();
  const size = Math.min(pageSize, Math.max(50, Math.ceil(MAX_BUFFERED_ITEMS / Math.max(1, spans.length))));
  const readers = spans
    .filter(({ after, upTo }) => after < upTo)
    .map((range) => new ShardReader(read, range, size));
  await Promise.all(readers.map((reader) => reader.fill()));
  let open = readers.filter(({ next }) => next);
  while (open.length > 0) {
    open.sort(byRecordedOrder);
    const [first, second] = open as [ShardReader<T>, ShardReader<T>?];
    // Stays with a shard while it is the earliest: events of one append have one time.
    do {
      let given: Given;
      try {
        given = give(first.next!);
      } catch (error) {
        await onFailure(error);
        first.end();
        break;
      }
      yield given;
      if (first.advance()) await first.fill();
    } while (first.next && (!second || byRecordedOrder(first, second) < 0));
    if (!first.next) open = open.slice(1);
  }
}

function rethrow(error: unknown): never {
  throw error;
}

class ShardReader<T extends { recordedAt: Instant }> {
  private page: T[] = [];
  private at = 0;
  /** The next page, requested while this one is used; only once more than one page is needed. */
  private coming: Promise<ShardPage<T>> | undefined;
  private reached: number;

  constructor(
    private readonly read: ReadPage<T>,
    private readonly range: ShardRange,
    private readonly size: number,
  ) {
    this.reached = range.after;
  }

  get shard(): number {
    return this.range.shard;
  }

  get next(): T | undefined {
    return this.page[this.at];
  }

  /** Advances to the next item; true where the page is used up and another must be read. */
  advance(): boolean {
    this.at += 1;
    return this.at === this.page.length;
  }

  /** Reads no further. */
  end(): void {
    this.page = [];
    this.coming = undefined;
    this.reached = this.range.upTo;
  }

  async fill(): Promise<void> {
    const wasFilled = this.page.length > 0;
    this.at = 0;
    this.page = [];
    // If the filter matches few events of a shard, a page may be empty.
    while (this.page.length === 0 && this.reached < this.range.upTo) {
      const { items, reached } = await (this.coming ?? this.readOn());
      this.coming = undefined;
      this.page = items;
      this.reached = reached;
    }
    if (!wasFilled || this.reached >= this.range.upTo) return;
    this.coming = this.readOn();
    // Awaited when it is needed; a rejection before then must not end the process.
    this.coming.catch(() => {});
  }

  private readOn(): Promise<ShardPage<T>> {
    return this.read({ ...this.range, after: this.reached }, this.size);
  }
}

const byRecordedOrder = <T extends { recordedAt: Instant }>(a: ShardReader<T>, b: ShardReader<T>): number =>
  a.next!.recordedAt < b.next!.recordedAt
    ? -1
    : a.next!.recordedAt > b.next!.recordedAt
      ? 1
      : a.shard - b.shard;
