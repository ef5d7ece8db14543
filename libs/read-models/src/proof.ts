import type { Instant, Token } from '#libs/domain';

/** What has to be known of the log to say that nothing of a time is missing. */
export interface SettledLog {
  /** The log as far as it is for good: whatever was recorded at `at` or earlier is within `heads`. `now` is the clock that recordedAt is taken from. */
  settled(): Promise<{ now: Instant; at: Instant; heads: Token }>;
  /** When the events were recorded that follow right after the positions of a token, by shard. */
  nextAfter(token: Token): Promise<ReadonlyMap<number, Instant>>;
}

/** Up to when the read models had everything at some moment, shard by shard. It stays true. */
export class Proof {
  /** In all shards: before every time where nothing was seen yet. */
  private readonly least: Instant;

  constructor(private readonly upTo: ReadonlyMap<number, Instant>) {
    this.least = [...upTo.values()].reduce((a, b) => (a < b ? a : b), upTo.size === 0 ? '' : '\uffff');
  }

  /** Whether nothing recorded by then is missing, in some shards, or in all. */
  holds(at: Instant, shards?: Iterable<number>): boolean {
    if (!shards) return this.least >= at;
    for (const shard of shards) if ((this.upTo.get(shard) ?? '') < at) return false;
    return true;
  }

  /** With what was seen later, of every shard: an empty time says nothing of it. */
  and(seen: ReadonlyMap<number, Instant>): Proof {
    const upTo = new Map(this.upTo);
    for (const [shard, at] of seen) if (!upTo.has(shard) || at > upTo.get(shard)!) upTo.set(shard, at);
    return new Proof(upTo);
  }
}
