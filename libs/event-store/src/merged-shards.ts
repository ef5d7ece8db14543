import type { Instant, Token } from '#libs/domain';
import type { Head } from './heads.js';

/** Reads a page of one shard: positions after `after`, up to `upTo`. */
export type ReadPage<T extends Told> = (shard: number, after: number, limit: number, upTo: number) => Promise<T[]>;

type Told = { position: number; recordedAt: Instant };

// All buffers together: pages are smaller where there are more shards, so that memory stays flat.
const BUFFERED = 4000;

/**
 * All shards as one sequence by recordedAt (then by shard), each shard in its own order, up to the heads given.
 * @param after where to start; a shard that it does not name starts at its beginning
 * @param until events recorded later are left out
 */
export async function* mergeShards<T extends Told>(
  read: ReadPage<T>,
  heads: readonly Head[],
  after: Token,
  { until, pageSize = 1000 }: { until?: Instant; pageSize?: number } = {},
): AsyncGenerator<T> {
  const size = Math.min(pageSize, Math.max(50, Math.ceil(BUFFERED / Math.max(1, heads.length))));
  const cursors = heads.filter(({ shard, position }) => position > (after.get(shard) ?? 0)).map((head) => new Cursor(read, head, after.get(head.shard) ?? 0, size));
  await Promise.all(cursors.map((cursor) => cursor.fill()));
  let open = cursors.filter(({ next }) => next);
  while (open.length > 0) {
    open.sort(inOrder);
    const [first, second] = open as [Cursor<T>, Cursor<T>?];
    // Stays with the shard that is earliest while it is: events of one append have one time.
    do {
      const event = first.next!;
      if (until !== undefined && event.recordedAt > until) {
        first.close();
        break;
      }
      yield event;
      if (first.advance()) await first.fill();
    } while (first.next && (!second || inOrder(first, second) < 0));
    if (!first.next) open = open.slice(1);
  }
}

class Cursor<T extends Told> {
  private page: T[] = [];
  private at = 0;
  /** The page after this one, once it is clear that more than one is wanted: on its way while this one is used. */
  private coming: Promise<T[]> | undefined;

  constructor(
    private readonly read: ReadPage<T>,
    private readonly head: Head,
    private after: number,
    private readonly size: number,
  ) {}

  get shard(): number {
    return this.head.shard;
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
    this.page = await (this.coming ?? this.readOn());
    this.at = 0;
    this.after = this.page.length < this.size ? this.head.position : this.page.at(-1)!.position;
    this.coming = wasFilled ? this.readOn() : undefined;
    // Awaited when it is needed; one that fails before must not end the process.
    this.coming?.catch(() => {});
  }

  private async readOn(): Promise<T[]> {
    return this.after < this.head.position ? this.read(this.head.shard, this.after, this.size, this.head.position) : [];
  }

  close(): void {
    this.page = [];
    this.at = 0;
  }
}

const inOrder = <T extends Told>(a: Cursor<T>, b: Cursor<T>): number =>
  a.next!.recordedAt < b.next!.recordedAt ? -1 : a.next!.recordedAt > b.next!.recordedAt ? 1 : a.shard - b.shard;
