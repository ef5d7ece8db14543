import { pause } from '#libs/concurrency';
import type { Epoch, Epochs } from '#libs/domain';
import type { Observation } from './reconcile.js';

/** A log that looks at itself. */
interface Watched {
  readonly epochs: Epochs;
  readonly observations: readonly Observation[];
  confirm(): Promise<void>;
  onEpoch(listener: (epochs: Epochs) => void): void;
}

export interface EpochWatchOptions {
  /** The interval between looks, in milliseconds (default 5,000). */
  pollMs?: number;
  /** Called with a sentence for people, when an epoch was opened. */
  onEpoch: (said: string) => void;
  /** Keeps what this process has seen, for those that start after it. */
  keep?: ((seen: readonly Observation[]) => void) | undefined;
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
    log.onEpoch((epochs) => options.onEpoch(begunIn(epochs)));
  }

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.log.confirm().catch(() => {});
      this.options.keep?.(this.log.observations);
      await pause(this.options.pollMs ?? 5000, signal);
    }
    this.options.keep?.(this.log.observations);
  }
}

/** A sentence for people about the present epoch, which is not the first. */
export function begunIn({ all }: Epochs): string {
  const [{ epoch, reason }] = all.slice(-1) as [Epoch];
  return (
    `epoch ${epoch} of the log has begun: ${reason}. Readers beyond the positions where it begins are told to go on ` +
    'from there (docs/operations.md, "A log that has gone back")'
  );
}
