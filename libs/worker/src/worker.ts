import { type DynamicModule, Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Logger, NestLogs } from '#libs/platform';

/** Injects the work of a worker until its signal is aborted: `(signal: AbortSignal) => Promise<void>`. */
export const WORK = Symbol('work');
/** Injects the logger. */
export const WORKER_LOG = Symbol('worker log');

export type Work = (signal: AbortSignal) => Promise<void>;

/** Works while the process runs. */
@Injectable()
export class Worker implements OnApplicationBootstrap {
  private readonly stopping = new AbortController();
  private working: Promise<void> = Promise.resolve();

  constructor(
    @Inject(WORK) private readonly work: Work,
    @Inject(WORKER_LOG) private readonly log: Logger,
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

export interface RunningWorker {
  /** Resolves when the batch under way is done. */
  stop(): Promise<void>;
}

/** Starts the worker of a module. */
export async function startWorker(module: DynamicModule, log: Logger): Promise<RunningWorker> {
  const app = await NestFactory.createApplicationContext(module, {
    logger: new NestLogs(log.child({}, { level: 'warn' })),
    abortOnError: false,
  });
  const worker = app.get(Worker);
  return {
    async stop() {
      await worker.stop();
      await app.close();
    },
  };
}
