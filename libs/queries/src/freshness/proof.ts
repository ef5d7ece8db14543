import type { Instant, Token } from '#libs/domain';

/** The parts of the log that show that no event up to a time is missing. */
export interface SettledLog {
  /** The settled part of the log: every event recorded at `at` or earlier is within `heads`. `now` is the clock of recordedAt. */
  settled(): Promise<{ now: Instant; at: Instant; heads: Token }>;
  /** By shard: when the event right after the position of a token was recorded. */
  nextAfter(token: Token): Promise<ReadonlyMap<number, Instant>>;
}

/** The time up to which the read models have been seen to have every event, shard by shard. It stays true. */
export class Proof {
  /** The time for all shards; an empty text, before every time, where nothing was seen yet. */
  private readonly least: Instant;

  constructor(private readonly upTo: ReadonlyMap<number, Instant>) {
    this.least = [...upTo.values()].reduce((a, b) => (a < b ? a : b), upTo.size === 0 ? '' : '\uffff');
  }

  /** Whether no event recorded by then is missing, in some shards or in all. */
  holds(at: Instant, shards?: Iterable<number>): boolean {
    if (!shards) return this.least >= at;
    for (const shard of shards) if ((this.upTo.get(shard) ?? '') < at) return false;
    return true;
  }

  /** Combined with later observations of every shard; an empty time adds nothing. */
  and(seen: ReadonlyMap<number, Instant>): Proof {
    const upTo = new Map(this.upTo);
    for (const [shard, at] of seen) if (!upTo.has(shard) || at > upTo.get(shard)!) upTo.set(shard, at);
    return new Proof(upTo);
  }
}
