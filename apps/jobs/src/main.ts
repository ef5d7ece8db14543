// The process in which a service does jobs (libs/jobs/src/job-supervisor.ts): their computing does not delay requests, and
// their failures stay in this process.
import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { NestFactory } from '@nestjs/core';
import { type JobProcessData, JobWorker } from '#libs/jobs';
import { createLogger, type Logger, NestLogs, Pools } from '#libs/platform';
import { PlatformModule } from '#modules/platform';
import { JobsProcess } from './jobs.module.js';

/** As a job in the background. */
const NICE_LEVEL = 10;

giveWay();
const stopping = new AbortController();
const stop = () => stopping.abort();
// Ctrl-C in a terminal goes to the service and to this process.
process.on('SIGINT', stop).on('SIGTERM', stop);
// The service is gone: its next start resumes the runs that were under way.
process.once('disconnect', () => process.exit(1));
process.once('message', (data: JobProcessData) => {
  process.on('message', stop);
  const log = createLogger(data.settings.logLevel);
  work(data, log).then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, 'runs of replays cannot be executed');
      process.exit(1);
    },
  );
});

async function work({ databaseUrl, settings }: JobProcessData, log: Logger): Promise<void> {
  const database = { url: databaseUrl, embedded: false, onLost: () => {}, close: async () => {} };
  const platform = PlatformModule.of(settings, log, new Pools(database, log));
  const app = await NestFactory.createApplicationContext(
    { module: JobsProcess, imports: [platform] },
    { logger: new NestLogs(log.child({}, { level: 'warn' })), abortOnError: false },
  );
  await app.get(JobWorker).run(stopping.signal);
  await app.close();
}

/** Leaves the processor to processes that answer requests. Linux sets priorities by thread, those of garbage collection too. */
function giveWay(): void {
  try {
    for (const thread of process.platform === 'linux' ? readdirSync('/proc/self/task') : [process.pid])
      setPriority(Number(thread), NICE_LEVEL);
  } catch {
    // Without the right to it, the process keeps its priority.
  }
}
