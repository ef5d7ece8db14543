interface Submission<In, Out> {
  items: readonly In[];
  resolve: (results: Out[]) => void;
  reject: (error: unknown) => void;
}

/** The limits of a batch. */
export interface BatcherLimits<In> {
  /** Items in one batch; a submission is never split. */
  items: number;
  /** Batches under way at once. */
  atOnce: number;
  /**
   * Items that have to wait for a batch to begin beside another one (default 1). Fewer wait until none is under way, and go
   * together: where a batch costs much and an item little, two small batches at once cost more than they gain.
   */
  beside?: number;
  /** How many items one counts as (default 1). */
  weightOf?: (item: In) => number;
}

/**
 * Gathers the items of concurrent callers into few large batches: items that arrive while batches are under way wait and
 * go together. A failed batch fails only the callers whose items are in it.
 */
export class Batcher<In, Out> {
  private waiting: Submission<In, Out>[] = [];
  private underWay = 0;
  private scheduled = false;

  /** @param work answers for each item, in order */
  constructor(
    private readonly work: (items: In[]) => Promise<Out[]>,
    private readonly limits: BatcherLimits<In>,
  ) {}

  submit(items: readonly In[]): Promise<Out[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ items, resolve, reject });
      if (this.scheduled) return;
      this.scheduled = true;
      // Deferred, so that items submitted in this turn of the event loop join the batch.
      setImmediate(() => {
        this.scheduled = false;
        void this.run();
      });
    });
  }

  /** Works batch by batch until nothing waits, beside other runs as far as the limit permits. */
  private async run(): Promise<void> {
    if (this.underWay === this.limits.atOnce) return;
    this.underWay += 1;
    while (this.isDue()) {
      const submissions = this.take();
      try {
        const working = this.work(submissions.flatMap(({ items }) => items));
        if (this.waiting.length > 0) void this.run();
        const results = await working;
        let at = 0;
        for (const { items, resolve } of submissions) resolve(results.slice(at, (at += items.length)));
      } catch (error) {
        for (const { reject } of submissions) reject(error);
      }
    }
    this.underWay -= 1;
  }

  /** Whether the next batch begins, in a run that is counted as under way already. */
  private isDue(): boolean {
    if (this.waiting.length === 0) return false;
    return this.underWay === 1 || this.waitsFor(this.limits.beside ?? 1) >= 0;
  }

  private take(): Submission<In, Out>[] {
    const many = this.waitsFor(this.limits.items + 1);
    return this.waiting.splice(0, many < 0 ? this.waiting.length : Math.max(1, many));
  }

  /** The first of the waiting submissions with which they weigh so much; -1 where all of them do not. */
  private waitsFor(much: number): number {
    const { weightOf } = this.limits;
    let weight = 0;
    return this.waiting.findIndex(({ items }) => {
      weight += weightOf ? items.reduce((sum, item) => sum + weightOf(item), 0) : items.length;
      return weight >= much;
    });
  }
}
