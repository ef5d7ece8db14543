/**
 * A read that many callers share. A read under way may have begun too early for a new caller, so one more follows it, for
 * all who called meanwhile.
 */
export class SingleFlight<T> {
  private present: Promise<T> | undefined;
  private next: Promise<T> | undefined;

  constructor(private readonly work: () => Promise<T>) {}

  get underWay(): Promise<T> | undefined {
    return this.present;
  }

  run(): Promise<T> {
    if (!this.present) return (this.present = this.work().finally(() => (this.present = undefined)));
    this.next ??= this.present
      .catch(() => {})
      .then(() => {
        this.next = undefined;
        return this.run();
      });
    return this.next;
  }
}
