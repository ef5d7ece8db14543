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
   * So many waiting items are shared among all batches that may begin, so that the callers of one are at work while the
   * others are under way (default: a batch takes all it can).
   */
  apart?: number;
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
    while (this.waiting.length > 0) {
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

  private take(): Submission<In, Out>[] {
    const { items: most, atOnce, apart = Infinity } = this.limits;
    const waiting = this.waiting.reduce((sum, submission) => sum + this.weigh(submission), 0);
    const share = waiting < apart ? most : Math.ceil(waiting / (atOnce - this.underWay + 1));
    let weight = 0;
    const many = this.waiting.findIndex((submission) => {
      weight += this.weigh(submission);
      return weight > Math.min(most, share);
    });
    return this.waiting.splice(0, many < 0 ? this.waiting.length : Math.max(1, many));
  }

  private weigh({ items }: Submission<In, Out>): number {
    const { weightOf } = this.limits;
    return weightOf ? items.reduce((sum, item) => sum + weightOf(item), 0) : items.length;
  }
}
