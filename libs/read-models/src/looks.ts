/**
 * A read that many callers share. A read under way may have begun too early for a new caller, so one more follows it, for
 * all who called meanwhile.
 */
export class Looks<T> {
  private present: Promise<T> | undefined;
  private next: Promise<T> | undefined;

  constructor(private readonly look: () => Promise<T>) {}

  get underWay(): Promise<T> | undefined {
    return this.present;
  }

  take(): Promise<T> {
    if (!this.present) return (this.present = this.look().finally(() => (this.present = undefined)));
    this.next ??= this.present
      .catch(() => {})
      .then(() => {
        this.next = undefined;
        return this.take();
      });
    return this.next;
  }
}
