interface Submission<In, Out> {
  items: readonly In[];
  resolve: (results: Out[]) => void;
  reject: (error: unknown) => void;
}

/** How much is gathered. */
export interface GathererLimits {
  /** Items in one piece of work; a submission is never split. */
  items: number;
  /** Pieces of work under way at once. */
  atOnce: number;
}

/**
 * Gathers what concurrent callers submit into few large pieces of work: while some are under way, what comes in waits and
 * goes together. A piece that fails fails those callers only whose items are in it.
 */
export class Gatherer<In, Out> {
  private waiting: Submission<In, Out>[] = [];
  private underWay = 0;
  private scheduled = false;

  /** @param work answers for each item, in order */
  constructor(
    private readonly work: (items: In[]) => Promise<Out[]>,
    private readonly limits: GathererLimits,
  ) {}

  submit(items: readonly In[]): Promise<Out[]> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ items, resolve, reject });
      if (this.scheduled) return;
      this.scheduled = true;
      // Not at once: what else comes in during this turn of the event loop goes along.
      setImmediate(() => {
        this.scheduled = false;
        this.start();
      });
    });
  }

  private start(): void {
    while (this.underWay < this.limits.atOnce && this.waiting.length > 0) {
      this.underWay += 1;
      void this.run(this.take()).finally(() => {
        this.underWay -= 1;
        this.start();
      });
    }
  }

  private take(): Submission<In, Out>[] {
    let items = 0;
    const many = this.waiting.findIndex(
      (submission) => (items += submission.items.length) > this.limits.items,
    );
    return this.waiting.splice(0, many < 0 ? this.waiting.length : Math.max(1, many));
  }

  private async run(submissions: Submission<In, Out>[]): Promise<void> {
    try {
      const results = await this.work(submissions.flatMap(({ items }) => items));
      let at = 0;
      for (const { items, resolve } of submissions) resolve(results.slice(at, (at += items.length)));
    } catch (error) {
      for (const { reject } of submissions) reject(error);
    }
  }
}
