import type { Instant, Token } from '#libs/domain';
import { SingleFlight } from './single-flight.js';
import type { ProjectionWaiter } from './projection-waiter.js';
import { completeUpTo, type Proof, type SettledLog } from './proof.js';
import type { ReadModels } from '../read-models.js';

const WAIT_TIMEOUT_MS = 5000;
const FIRST_PAUSE_MS = 5;
const LONGEST_PAUSE_MS = 200;

/**
 * Waits until the read models have every event recorded by a time: from then on an answer as known at that time never
 * changes. The latest such time is kept, so that earlier times need no query. One for each process.
 */
export class Completeness {
  private readonly looks = new SingleFlight(() => this.read());

  constructor(
    private readonly log: SettledLog,
    private readonly models: Pick<ReadModels, 'checkpoints'>,
    private readonly progress: Pick<ProjectionWaiter, 'learn' | 'proof' | 'waitBeyond' | 'waitFor'>,
  ) {}

  /** The times known without a query. */
  get proof(): Proof {
    return this.progress.proof;
  }

  /**
   * True as soon as the read models have every event recorded by then; false after `ms` milliseconds. A future time counts
   * as now: the read models then have every event committed by now.
   */
  async waitFor(at: Instant, ms: number): Promise<boolean> {
    if (this.proof.holds(at)) return true;
    const end = performance.now() + ms;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
      const { now, heads, reached } = await this.refresh();
      if (this.proof.holds(at)) return true;
      const left = end - performance.now();
      if (at >= now) return this.progress.waitFor(heads, left);
      if (left <= 0) return false;
      // A writer under way may record nothing in the end, and no projection announces that: so look again after a pause.
      await this.progress.waitBeyond(reached, Math.min(pause, left));
    }
  }

  /** As `waitFor`. @throws Error if events are still missing */
  async require(at: Instant, ms: number = WAIT_TIMEOUT_MS): Promise<void> {
    if (!(await this.waitFor(at, ms)))
      throw new Error(
        `the read models do not have all that was recorded by ${at} within ${ms / 1000} s: ` +
          'see that a projector runs (`claimline status`), and try again',
      );
  }

  /** Reads the present checkpoints of the read models. */
  refresh(): Promise<Look> {
    return this.looks.run();
  }

  private async read(): Promise<Look> {
    const [settled, reached] = await Promise.all([this.log.settled(), this.models.checkpoints()]);
    this.progress.learn(await completeUpTo(this.log, settled, reached));
    return { now: settled.now, heads: settled.heads, reached };
  }
}

interface Look {
  now: Instant;
  heads: Token;
  reached: Token;
}
