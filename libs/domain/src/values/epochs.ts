import type { Instant } from './time.js';
import { formatToken, tokenIn, type Token } from './token.js';

/**
 * A time in the life of a store whose log may have gone back at its beginning: a standby was promoted, or a copy restored.
 * Events recorded earlier at positions after its forks are not in the log any more, and later ones took their positions.
 */
export interface Epoch {
  /** Above 0; larger than those before it. */
  epoch: number;
  openedAt: Instant;
  reason: string;
  /** For each shard, the position up to which its events are those of the epochs before it. */
  forks: Token;
  /** When an operator has confirmed that the readers of the events topic may be sent its events; null: not yet. */
  confirmedAt: Instant | null;
}

/** Of a shard: the epochs after the first, and where each begins. */
type Line = readonly { epoch: number; fork: number }[];

const STATE_TOKEN = /"token":"([\d:,]+)"/g;

/** The epochs of a store: 0, the first, and those that began since. */
export class Epochs {
  private readonly lines = new Map<number, Line>();
  private readonly numbers: ReadonlySet<number>;
  /** The epoch of what is recorded now. */
  readonly present: number;

  /** @param all those after the first, oldest first */
  constructor(readonly all: readonly Epoch[] = []) {
    this.numbers = new Set([0, ...all.map(({ epoch }) => epoch)]);
    this.present = all.at(-1)?.epoch ?? 0;
    for (const { epoch, forks } of all)
      for (const [shard, fork] of forks)
        this.lines.set(shard, [
          ...(this.lines.get(shard) ?? []).filter((one) => one.fork < fork),
          { epoch, fork },
        ]);
  }

  /** The epoch in which the event at a position of the log was recorded. */
  of(shard: number, position: number): number {
    const line = this.lines.get(shard);
    if (line)
      for (let at = line.length - 1; at >= 0; at--) if (line[at]!.fork < position) return line[at]!.epoch;
    return 0;
  }

  /** Whether the store has this epoch: it has lost one, with events of it, where an older copy was restored. */
  knows(epoch: number): boolean {
    return this.numbers.has(epoch);
  }

  /**
   * The position up to which a shard, as it was in an epoch, is the log of today; Infinity where it is all of it. An epoch that
   * is not known was lost itself, and nothing is known of its events.
   */
  cut(epoch: number, shard: number): number {
    if (epoch === this.present) return Infinity;
    if (!this.knows(epoch)) return 0;
    let cut = Infinity;
    for (const later of this.all)
      if (later.epoch > epoch) cut = Math.min(cut, later.forks.get(shard) ?? Infinity);
    return cut;
  }

  /**
   * Undefined where the log of today has all that a reader with this token has read, as far as it reaches. Else the token to go
   * on from: what comes after it was replaced.
   */
  goOn(token: Token): Token | undefined {
    if (this.present === 0 && token.epochs === undefined) return undefined;
    const positions = new Map(token);
    const epochs = new Map(token.epochs);
    let changed = false;
    for (const [shard, position] of token) {
      const cut = this.cut(epochs.get(shard) ?? 0, shard);
      if (position <= cut) continue;
      changed = true;
      positions.set(shard, cut);
      // The reader stands in the epoch of what comes next: earlier ones have nothing more for it.
      const next = this.of(shard, cut + 1);
      if (next === 0) epochs.delete(shard);
      else epochs.set(shard, next);
    }
    return changed ? tokenIn(positions, epochs) : undefined;
  }

  /** A token of the log of today as text, with its epochs. */
  format(token: Token): string {
    return this.present === 0 ? formatToken(token, () => 0) : formatToken(token, (...at) => this.of(...at));
  }

  /** States as JSON, whose tokens get their epochs. */
  inStates(json: string): string {
    if (this.present === 0) return json;
    return json.replace(STATE_TOKEN, (_all, text: string) => `"token":"${this.formatText(text)}"`);
  }

  private formatText(text: string): string {
    return text
      .split(',')
      .map((part) => {
        const [shard, position] = part.split(':').map(Number) as [number, number];
        const epoch = this.of(shard, position);
        return epoch === 0 ? part : `${part}~${epoch}`;
      })
      .join(',');
  }
}
