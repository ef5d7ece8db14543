import type { Token } from '#libs/domain';
import { rangeEnd, positionsIn, type LogRange } from '#libs/log';

/**
 * The progress through a range. It counts positions of the log, not events, so that the total is known exactly before the
 * first event is read, even if only some types or places are requested.
 */
export class RangeProgress {
  private readonly reached: Map<number, number>;
  private passed = 0;
  readonly total: number;

  constructor(private readonly range: LogRange) {
    this.reached = new Map(range.spans.map(({ shard, after }) => [shard, after]));
    this.total = positionsIn(range);
  }

  get done(): number {
    return this.passed;
  }

  /** The token to resume after. */
  get token(): Token {
    return new Map(this.reached);
  }

  /** An event was sent, and all requested events before it in its shard. */
  reach({ shard, position }: { shard: number; position: number }): void {
    this.passed += position - this.reached.get(shard)!;
    this.reached.set(shard, position);
  }

  /** The range has no more events, but for shards that were left at an unreadable one. */
  end(unreadable: readonly { shard: number; position: number }[] = []): void {
    const reached = new Map(rangeEnd(this.range));
    for (const { shard, position } of unreadable) reached.set(shard, position - 1);
    for (const [shard, position] of reached) this.reach({ shard, position });
  }
}
