import { Module } from '@nestjs/common';
import { Gauge, Registry } from 'prom-client';
import { EventStore, readRuleset, RulesetStore } from '#libs/log';
import {
  BackgroundTask,
  LOGGER,
  type Logger,
  Pools,
  SETTINGS,
  type Settings,
  STOPPING,
} from '#libs/platform';
import { LogModule } from '#modules/log';
import { BROKER, type Broker, MessagingModule } from '#modules/messaging';
import { jobHandlers } from './job-handlers.js';
import { superviseJobs } from './job-supervisor.js';
import { JobWorker } from './job-worker.js';
import { estimatedEnd, type Job } from './job.js';
import { Jobs } from './jobs.js';
import type { RequestNeeds } from './request.js';

/** Injects what requests for jobs are read with: RequestNeeds. */
export const REQUEST_NEEDS = Symbol('request needs');

/** The jobs, and what is needed to request one. */
@Module({
  imports: [LogModule, MessagingModule],
  providers: [
    {
      provide: Jobs,
      inject: [EventStore, Registry],
      useFactory({ pool }: EventStore, registry: Registry) {
        const jobs = new Jobs(pool);
        watchJobs(registry, () => jobs.open());
        return jobs;
      },
    },
    {
      provide: REQUEST_NEEDS,
      inject: [EventStore, BROKER, SETTINGS],
      useFactory: (
        store: EventStore,
        broker: Broker | undefined,
        { rulesetFile }: Settings,
      ): RequestNeeds => ({ presentRuleset: () => readRuleset(rulesetFile), store, broker }),
    },
  ],
  exports: [Jobs, REQUEST_NEEDS],
})
export class JobsModule {}

const JOBS_TASK = Symbol('jobs task');

/** Has jobs done by a process of their own (apps/jobs), while there are any. */
@Module({
  imports: [LogModule, JobsModule],
  providers: [
    {
      provide: JOBS_TASK,
      inject: [Jobs, EventStore, Pools, SETTINGS, LOGGER, STOPPING],
      useFactory: (
        jobs: Jobs,
        { pool }: EventStore,
        { database: { url } }: Pools,
        settings: Settings,
        log: Logger,
        stopping: AbortController,
      ) => {
        const data = { databaseUrl: url, settings };
        return new BackgroundTask((signal) => superviseJobs(jobs, pool, data, log, signal), log, stopping);
      },
    },
  ],
})
export class JobSupervisorModule {}

/** The process of jobs ends after this time without work. */
const IDLE_MS = 10_000;
/** A connection for each run at once, one to listen, one to read. */
const WORKER_CONNECTIONS = 10;

/** Does jobs. */
@Module({
  imports: [LogModule],
  providers: [
    {
      provide: JobWorker,
      inject: [EventStore, RulesetStore, Pools, SETTINGS, LOGGER],
      useFactory: (
        store: EventStore,
        rulesets: RulesetStore,
        pools: Pools,
        settings: Settings,
        log: Logger,
      ) =>
        new JobWorker(
          pools.open('replays', WORKER_CONNECTIONS, 0),
          jobHandlers(store, rulesets, pools, settings, log),
          {
            idleMs: IDLE_MS,
            onError: (error) => log.warn({ err: error }, 'a run of a replay has met an error'),
            onEnd: ({ id, kind }, state) =>
              log.info({ replay: id, kind, state }, 'a run of a replay has ended here'),
          },
        ),
    },
  ],
  exports: [JobWorker],
})
export class JobWorkerModule {}

function watchJobs(registry: Registry, open: () => Promise<Job[]>): void {
  const gauge = (name: string, help: string, value: (job: Job) => number | null) =>
    new Gauge({
      name,
      help,
      labelNames: ['replay', 'kind', 'state'],
      registers: [registry],
      async collect() {
        this.reset();
        for (const job of await open()) {
          const now = value(job);
          if (now !== null) this.labels(job.id, job.kind, job.state).set(now);
        }
      },
    });
  gauge('claimline_replay_done', 'How much a run that has not ended has done', ({ done }) => done);
  gauge('claimline_replay_size', 'How much a run that has not ended has to do', ({ total }) => total);
  gauge('claimline_replay_rate', 'Recent rate of a run, per second', ({ rate }) => rate);
  gauge('claimline_replay_seconds_left', 'How long a run will still take at its recent rate', (job) => {
    const end = estimatedEnd(job);
    return end === null ? null : Math.max(0, (Date.parse(end) - Date.now()) / 1000);
  });
}
