const MIN_INTERVAL_MS = 5;

/**
 * Announces appends, at most once in a few milliseconds. A NOTIFY in the transaction of an append would make all commits
 * wait for each other. A lost one costs a reader only its polling interval, so failures are ignored.
 */
export class AppendNotifier {
  private last = -Infinity;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly sendNotification: () => Promise<unknown>) {}

  notify(): void {
    if (this.timer) return;
    const wait = this.last + MIN_INTERVAL_MS - performance.now();
    if (wait <= 0) this.send();
    else this.timer = setTimeout(() => this.send(), wait);
  }

  private send(): void {
    this.timer = undefined;
    this.last = performance.now();
    this.sendNotification().catch(() => {});
  }
}
