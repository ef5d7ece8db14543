import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import type { Logger } from './logs.js';

/** A provider of Nest that works while the application runs, until its batch after the stop is done. */
export class BackgroundTask implements OnApplicationBootstrap, OnApplicationShutdown {
  private working: Promise<void> = Promise.resolve();

  /**
   * @param run works until the signal is aborted
   * @param stopping of all tasks, so that they stop at the same time
   * @param start begins the work (default: at once)
   */
  constructor(
    private readonly run: (signal: AbortSignal) => Promise<void>,
    private readonly log: Logger,
    private readonly stopping: AbortController,
    private readonly start?: Promise<void>,
  ) {}

  onApplicationBootstrap(): void {
    this.working = this.work().catch((error: unknown) =>
      this.log.fatal({ err: error }, 'a part of the service has stopped'),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  private async work(): Promise<void> {
    const { signal } = this.stopping;
    const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    await Promise.race([this.start, stopped]);
    if (!signal.aborted) await this.run(signal);
  }
}
