import type { Instant, Token } from '#libs/domain';

/** The parts of the log that show that no event up to a time is missing. */
export interface SettledLog {
  /** The settled part of the log: every event recorded at `at` or earlier is within `heads`. `now` is the clock of recordedAt. */
  settled(): Promise<{ now: Instant; at: Instant; heads: Token }>;
  /** By shard: when the event right after the position of a token was recorded. */
  nextAfter(token: Token): Promise<ReadonlyMap<number, Instant>>;
}

/** By shard: up to when read models with these checkpoints have every event. */
export async function completeUpTo(
  log: Pick<SettledLog, 'nextAfter'>,
  { at, heads }: { at: Instant; heads: Token },
  reached: Token,
): Promise<Map<number, Instant>> {
  const behind = [...heads]
    .map(([shard]): [number, number] => [shard, reached.get(shard) ?? 0])
    .filter(([shard, position]) => position < heads.get(shard)!);
  const missing = behind.length === 0 ? new Map<number, Instant>() : await log.nextAfter(new Map(behind));
  return new Map([...heads.keys()].map((shard) => [shard, before(missing.get(shard), at)]));
}

/** The last millisecond before the first missing event, but not after `at`. */
function before(missing: Instant | undefined, at: Instant): Instant {
  if (missing === undefined || missing > at) return at;
  return new Date(Date.parse(missing) - 1).toISOString();
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
