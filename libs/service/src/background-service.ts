import { type DynamicModule, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Logger, NestLogs } from '#libs/platform';

/** Injects the work of a worker until its signal is aborted: `(signal: AbortSignal) => Promise<void>`. */
export const BACKGROUND_TASK = Symbol('work');
/** Injects the logger. */
export const BACKGROUND_LOGGER = Symbol('worker log');

export type BackgroundTask = (signal: AbortSignal) => Promise<void>;

/** Works while the process runs. */
@Injectable()
export class BackgroundService implements OnApplicationBootstrap {
  private readonly stopping = new AbortController();
  private working: Promise<void> = Promise.resolve();

  constructor(
    @Inject(BACKGROUND_TASK) private readonly work: BackgroundTask,
    @Inject(BACKGROUND_LOGGER) private readonly log: Logger,
  ) {}

  onApplicationBootstrap(): void {
    this.working = this.work(this.stopping.signal).catch((error: unknown) =>
      this.log.fatal({ err: error }, 'a part of the service has stopped'),
    );
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }
}

export interface RunningService {
  /** Resolves when the batch under way is done. */
  stop(): Promise<void>;
}

/** Starts the worker of a module. */
export async function startBackgroundService(module: DynamicModule, log: Logger): Promise<RunningService> {
  const app = await NestFactory.createApplicationContext(module, {
    logger: new NestLogs(log.child({}, { level: 'warn' })),
    abortOnError: false,
  });
  const service = app.get(BackgroundService);
  return {
    async stop() {
      await service.stop();
      await app.close();
    },
  };
}
