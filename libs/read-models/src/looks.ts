/**
 * A look that many may ask for at once. One that is under way already may have begun too early for who asks now, so that one
 * more follows it, for all who asked meanwhile.
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
