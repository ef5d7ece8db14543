import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { type Logger, NestLogs } from '#libs/platform';
import { ProjectorModule, Projecting, type ProjectorParts } from './projector.module.js';

export interface RunningProjector {
  /** Resolves when the batch under way is done. */
  stop(): Promise<void>;
}

/** Starts to project the log into the read models. */
export async function startProjector(parts: ProjectorParts, log: Logger): Promise<RunningProjector> {
  const app = await NestFactory.createApplicationContext(ProjectorModule.of(parts, log), {
    logger: new NestLogs(log.child({}, { level: 'warn' })),
    abortOnError: false,
  });
  const projecting = app.get(Projecting);
  return {
    async stop() {
      await projecting.stop();
      await app.close();
    },
  };
}
