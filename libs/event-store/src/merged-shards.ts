import type { Instant } from '#libs/domain';

/** Of one shard: the positions after `after`, up to `upTo`. */
export interface Span {
  shard: number;
  after: number;
  upTo: number;
}

/** What was found in a part of a span, in order, and the position up to which was looked. */
export interface ShardPage<T> {
  items: T[];
  reached: number;
}

/** Reads the beginning of a span: about so many events of it at the most. */
export type ReadPage<T> = (span: Span, limit: number) => Promise<ShardPage<T>>;

// All buffers together: pages are smaller where there are more shards, so that memory stays flat.
const BUFFERED = 4000;

/**
 * Several shards as one sequence by recordedAt (then by shard), each shard in its own order.
 * @param pageSize events that are read of a shard at once: few where only the first ones are wanted
 */
export async function* mergeShards<T extends { recordedAt: Instant }>(
  read: ReadPage<T>,
  spans: readonly Span[],
  pageSize = 1000,
): AsyncGenerator<T> {
  const size = Math.min(pageSize, Math.max(50, Math.ceil(BUFFERED / Math.max(1, spans.length))));
  const cursors = spans.filter(({ after, upTo }) => after < upTo).map((span) => new Cursor(read, span, size));
  await Promise.all(cursors.map((cursor) => cursor.fill()));
  let open = cursors.filter(({ next }) => next);
  while (open.length > 0) {
    open.sort(inOrder);
    const [first, second] = open as [Cursor<T>, Cursor<T>?];
    // Stays with the shard that is earliest while it is: events of one append have one time.
    do {
      yield first.next!;
      if (first.advance()) await first.fill();
    } while (first.next && (!second || inOrder(first, second) < 0));
    if (!first.next) open = open.slice(1);
  }
}

class Cursor<T extends { recordedAt: Instant }> {
  private page: T[] = [];
  private at = 0;
  /** The page after this one, once it is clear that more than one is wanted: on its way while this one is used. */
  private coming: Promise<ShardPage<T>> | undefined;
  private reached: number;

  constructor(
    private readonly read: ReadPage<T>,
    private readonly span: Span,
    private readonly size: number,
  ) {
    this.reached = span.after;
  }

  get shard(): number {
    return this.span.shard;
  }

  get next(): T | undefined {
    return this.page[this.at];
  }

  /** Steps on; true where the page is used up and another must be read. */
  advance(): boolean {
    this.at += 1;
    return this.at === this.page.length;
  }

  async fill(): Promise<void> {
    const wasFilled = this.page.length > 0;
    this.at = 0;
    this.page = [];
    // Where little is wanted of a shard, a page may have nothing of it.
    while (this.page.length === 0 && this.reached < this.span.upTo) {
      const { items, reached } = await (this.coming ?? this.readOn());
      this.coming = undefined;
      this.page = items;
      this.reached = reached;
    }
    if (!wasFilled || this.reached >= this.span.upTo) return;
    this.coming = this.readOn();
    // Awaited when it is needed; one that fails before must not end the process.
    this.coming.catch(() => {});
  }

  private readOn(): Promise<ShardPage<T>> {
    return this.read({ ...this.span, after: this.reached }, this.size);
  }
}

const inOrder = <T extends { recordedAt: Instant }>(a: Cursor<T>, b: Cursor<T>): number =>
  a.next!.recordedAt < b.next!.recordedAt
    ? -1
    : a.next!.recordedAt > b.next!.recordedAt
      ? 1
      : a.shard - b.shard;
