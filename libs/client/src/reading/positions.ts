import { formatToken, tokenIn, type Token } from '#libs/domain';
import { EpochChanged, EventsMissing } from '../errors.js';

/** The place of an event that came. `epoch`: 0 is the first. */
export interface Arrival {
  shard: number;
  position: number;
  epoch?: number | undefined;
  digest?: string | undefined;
}

/** Of each shard the digests of so many events are kept, to compare them with repeats. */
const MAX_DIGESTS = 1000;

/** The positions that events have reached, by shard, and the epochs in which they did. */
export class Positions {
  private readonly reached: Map<number, number>;
  private readonly epochs: Map<number, number>;
  private readonly digests = new Map<number, Map<number, string>>();

  /** @param complete whether every event is delivered, so that a gap is a loss */
  constructor(
    after: Token,
    private readonly complete: boolean,
  ) {
    this.reached = new Map(after);
    this.epochs = new Map(after.epochs);
  }

  of(shard: number): number {
    return this.reached.get(shard) ?? 0;
  }

  get token(): Token {
    return tokenIn(this.reached, this.epochs);
  }

  /**
   * Where to resume so that the last event of each shard comes again, to be compared: only then a log that has gone back meanwhile shows
   * itself. Where its digest is not kept, right after it.
   */
  get overlapping(): Token {
    const before = [...this.reached].map(
      ([shard, position]) =>
        [shard, this.digests.get(shard)?.has(position) ? position - 1 : position] as const,
    );
    return tokenIn(new Map(before), this.epochs);
  }

  /** Whether everything up to the token has been delivered. */
  reach(token: Token): boolean {
    return [...token].every(([shard, position]) => this.of(shard) >= position);
  }

  /** Skips events of other types up to the token. @returns what has advanced */
  pass(token: Token): Arrival[] {
    const moved = [...token].filter(([shard, position]) => position > this.of(shard));
    return moved.map(([shard, position]) => {
      const epoch = token.epochs?.get(shard);
      this.reached.set(shard, position);
      if (epoch !== undefined) this.epochs.set(shard, epoch);
      return { shard, position, epoch };
    });
  }

  /**
   * Takes the place of an event: false where it is a repeat, or of an epoch that is over and so lost.
   * @throws EventsMissing where earlier ones are missing
   * @throws EpochChanged where another event was delivered with its position: the log has gone back behind it
   */
  take({ shard, position, epoch = 0, digest }: Arrival): boolean {
    const reached = this.of(shard);
    const present = this.epochs.get(shard) ?? 0;
    if (epoch < present) return false;
    if (position <= reached) {
      const known = this.digests.get(shard)?.get(position);
      if (epoch > present || (known ?? digest) !== digest) throw this.changed(shard, position, epoch);
      return false;
    }
    if (this.complete && position > reached + 1) throw new EventsMissing(shard, reached + 1, position - 1);
    this.reached.set(shard, position);
    if (epoch > 0) this.epochs.set(shard, epoch);
    if (digest !== undefined) this.keep(shard, position, digest);
    return true;
  }

  private changed(shard: number, position: number, epoch: number): EpochChanged {
    const epochs = new Map(this.epochs);
    let same = position - 1;
    if (position < this.of(shard)) {
      if (epoch > 0) epochs.set(shard, epoch);
    }
    // The last one alone does not show how many before it were replaced: some may have been, none is left out.
    else for (const kept of this.digests.get(shard)?.keys() ?? []) same = Math.min(same, kept - 1);
    return new EpochChanged(formatToken(tokenIn(new Map(this.reached).set(shard, same), epochs)));
  }

  private keep(shard: number, position: number, digest: string): void {
    const digests = this.digests.get(shard) ?? new Map<number, string>();
    this.digests.set(shard, digests.set(position, digest));
    if (digests.size > MAX_DIGESTS) digests.delete(digests.keys().next().value!);
  }
}
