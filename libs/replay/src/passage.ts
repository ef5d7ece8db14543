import type { Token } from '#libs/domain';
import { endOf, positionsIn, type LogRange } from '#libs/event-store';

/**
 * How far a range has been gone through. It counts positions of the log, not events: so the whole is known exactly before
 * the first event is read, also where only some types or places are wanted.
 */
export class Passage {
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

  /** Where to go on. */
  get token(): Token {
    return new Map(this.reached);
  }

  /** An event was given out, and all that is wanted before it in its shard. */
  reach({ shard, position }: { shard: number; position: number }): void {
    this.passed += position - this.reached.get(shard)!;
    this.reached.set(shard, position);
  }

  /** The range holds no more. */
  end(): void {
    for (const [shard, position] of endOf(this.range)) this.reach({ shard, position });
  }
}
