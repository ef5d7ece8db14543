import type { Token } from '#libs/domain';
import { EventsMissing } from './errors.js';

/** How far events have come, shard by shard. */
export class Positions {
  private readonly reached: Map<number, number>;

  /** @param complete whether every event comes, so that a position left out is a loss */
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

  /** Whether everything up to the token has come. */
  reach(token: Token): boolean {
    return [...token].every(([shard, position]) => this.of(shard) >= position);
  }

  /** Passes over what was not wanted: everything up to the token was looked at. @returns the shards that got on, where they are now */
  pass(token: Token): [shard: number, position: number][] {
    const moved = [...token].filter(([shard, position]) => position > this.of(shard));
    for (const [shard, position] of moved) this.reached.set(shard, position);
    return moved;
  }

  /** Takes an event's position: false where it had come before. @throws EventsMissing where others should have come before it */
  take(shard: number, position: number): boolean {
    const reached = this.of(shard);
    if (position <= reached) return false;
    if (this.complete && position > reached + 1) throw new EventsMissing(shard, reached + 1, position - 1);
    this.reached.set(shard, position);
    return true;
  }
}
