import { pause } from '#libs/concurrency';
import type { Epoch, Epochs } from '#libs/domain';

/** A log that looks at itself. */
interface Watched {
  readonly epochs: Epochs;
  confirm(): Promise<void>;
  onEpoch(listener: (epochs: Epochs) => void): void;
}

export interface EpochWatchOptions {
  /** The interval between looks, in milliseconds (default 5,000). */
  pollMs?: number;
  /** Called with a sentence for people, when an epoch was opened. */
  onEpoch: (said: string) => void;
}

/**
 * Looks now and then whether the log has gone back behind what this process has seen, as after a failover or a restore. A database
 * that is away is looked at again.
 */
export class EpochWatch {
  constructor(
    private readonly log: Watched,
    private readonly options: EpochWatchOptions,
  ) {
    log.onEpoch(({ all }) => {
      const [{ epoch, reason }] = all.slice(-1) as [Epoch];
      options.onEpoch(
        `epoch ${epoch} of the log has begun: ${reason}. Readers beyond the positions where it begins are told to go on ` +
          'from there (docs/operations.md, "A log that has gone back")',
      );
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.log.confirm().catch(() => {});
      await pause(this.options.pollMs ?? 5000, signal);
    }
  }
}
