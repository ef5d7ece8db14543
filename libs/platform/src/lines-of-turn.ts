import { type DestinationStream, pino } from 'pino';

/** Lines that are longer together do not wait. */
const MAX_LENGTH = 16_384;
const { info: INFO } = pino.levels.values as { info: number };

/**
 * Writes the lines of one turn of the event loop together, for a write costs more than a line. A line of a warning or worse is
 * written at once, with all that wait: so is what a dying process says last, and at its exit `flush` writes the rest.
 */
export class LinesOfTurn implements DestinationStream {
  /** Asks pino for the level of each line. */
  readonly [pino.symbols.needsMetadataGsym] = true;
  lastLevel = 0;
  private waiting = '';
  private isScheduled = false;

  constructor(private readonly to: DestinationStream) {}

  write(line: string): void {
    this.waiting += line;
    if (this.lastLevel > INFO || this.waiting.length > MAX_LENGTH) this.flush();
    else if (!this.isScheduled) {
      this.isScheduled = true;
      setImmediate(() => {
        this.isScheduled = false;
        this.flush();
      });
    }
  }

  flush(): void {
    if (this.waiting === '') return;
    const lines = this.waiting;
    this.waiting = '';
    this.to.write(lines);
  }
}
