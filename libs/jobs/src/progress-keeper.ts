import type { JobProgress } from './job-handler.js';
import type { Job } from './job.js';
import type { Db } from '#libs/platform';
import { keepProgress } from './job-rows.js';

const SAVE_INTERVAL_MS = 1000;
/** The period over which the rate is measured, in milliseconds. */
const RATE_WINDOW_MS = 10_000;

/** Stores the progress of a run about once a second, even without a change, because it then also reads a request to cancel. */
export class ProgressKeeper implements JobProgress {
  done: number;
  private total: number | null;
  private cursor: string | null;
  private readonly samples: { at: number; done: number }[];
  private readonly timer: NodeJS.Timeout;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly db: Db,
    private readonly job: Job,
    private readonly callbacks: {
      onCancel: () => void;
      onError: (error: unknown) => void;
      onReach?: (progress: { done: number; total: number | null }) => void;
    },
  ) {
    ({ done: this.done, total: this.total, cursor: this.cursor } = job);
    this.samples = [{ at: performance.now(), done: this.done }];
    this.timer = setInterval(() => void this.keep().catch(callbacks.onError), SAVE_INTERVAL_MS);
  }

  reach(done: number, { total, cursor }: { total?: number; cursor?: string } = {}): void {
    this.done = done;
    if (total !== undefined) this.total = total;
    if (cursor !== undefined) this.cursor = cursor;
    this.callbacks.onReach?.({ done, total: this.total });
  }

  keep(): Promise<void> {
    return (this.writing = this.writing
      .catch(() => {})
      .then(async () => {
        const { done, total, cursor } = this;
        if (await keepProgress(this.db, this.job.id, { done, total, cursor, rate: this.rate() }))
          this.callbacks.onCancel();
      }));
  }

  /** Stores it for the last time. */
  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.keep();
  }

  private rate(): number {
    const now = performance.now();
    this.samples.push({ at: now, done: this.done });
    while (this.samples.length > 2 && this.samples[1]!.at < now - RATE_WINDOW_MS) this.samples.shift();
    const [first] = this.samples as [{ at: number; done: number }];
    return Math.max(0, ((this.done - first.done) * 1000) / Math.max(1, now - first.at));
  }
}
