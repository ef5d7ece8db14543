import type { Receipt } from '#libs/log';

const MAX_NAMES = 100;

/** Counts the unknown parties of receipts, in constant memory: beyond a hundred names only their total. */
export class UnknownTally {
  private readonly counts = new Map<string, number>();
  private more = 0;

  add({ unknownParties = [] }: Pick<Receipt, 'unknownParties'>): void {
    for (const name of unknownParties) {
      const count = this.counts.get(name) ?? 0;
      if (count > 0 || this.counts.size < MAX_NAMES) this.counts.set(name, count + 1);
      else this.more++;
    }
  }

  /** The names, the most frequent first; undefined if there were none. */
  sum(): { unknownParties?: { name: string; statements: number }[]; moreUnknownParties?: number } {
    const unknownParties = [...this.counts]
      .map(([name, statements]) => ({ name, statements }))
      .sort((a, b) => b.statements - a.statements);
    return {
      ...(unknownParties.length > 0 && { unknownParties }),
      ...(this.more > 0 && { moreUnknownParties: this.more }),
    };
  }
}
