import { setImmediate as turn } from 'node:timers/promises';

/** How long work goes on before others have their turn, in milliseconds: several slices may continue in one turn. */
const SLICE_MS = 5;

/**
 * Cuts long work that never waits into slices, between which the event loop does other work: after each step,
 * `if (slice.isOver()) await slice.rest();`.
 */
export class TimeSlice {
  private begun: number;

  /** @param clock in milliseconds */
  constructor(
    private readonly ms = SLICE_MS,
    private readonly clock: () => number = () => performance.now(),
  ) {
    this.begun = this.clock();
  }

  isOver(): boolean {
    return this.clock() - this.begun >= this.ms;
  }

  /** Resolves after the other work that waits; a new slice begins. */
  async rest(): Promise<void> {
    await turn();
    this.begun = this.clock();
  }
}
