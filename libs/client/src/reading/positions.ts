import type { Token } from '#libs/domain';
import { EventsMissing } from '../errors.js';

/** The positions that events have reached, by shard. */
export class Positions {
  private readonly reached: Map<number, number>;

  /** @param complete whether every event is delivered, so that a gap is a loss */
  constructor(
    after: Token,
    private readonly complete: boolean,
  ) {
    this.reached = new Map(after);
  }

  of(shard: number): number {
    return this.reached.get(shard) ?? 0;
  }

  get token(): Token {
    return this.reached;
  }

  /** Whether everything up to the token has been delivered. */
  reach(token: Token): boolean {
    return [...token].every(([shard, position]) => this.of(shard) >= position);
  }

  /** Skips events of other types up to the token. @returns the shards that have advanced, with their positions */
  pass(token: Token): [shard: number, position: number][] {
    const moved = [...token].filter(([shard, position]) => position > this.of(shard));
    for (const [shard, position] of moved) this.reached.set(shard, position);
    return moved;
  }

  /** Takes an event's position: false where it is a repeat. @throws EventsMissing where earlier ones are missing */
  take(shard: number, position: number): boolean {
    const reached = this.of(shard);
    if (position <= reached) return false;
    if (this.complete && position > reached + 1) throw new EventsMissing(shard, reached + 1, position - 1);
    this.reached.set(shard, position);
    return true;
  }
}
