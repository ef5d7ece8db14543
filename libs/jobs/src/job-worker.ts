import { randomUUID } from 'node:crypto';
import { WakeupSignal, backoffMs, pause } from '#libs/concurrency';
import { listen } from '#libs/platform';
import type pg from 'pg';
import { JobLock } from './job-lock.js';
import { JobCancelled, JobInterrupted, type JobOutcome, type JobHandler } from './job-handler.js';
import { ProgressKeeper } from './progress-keeper.js';
import type { Job } from './job.js';
import { cancelRequests, endJob, findJob, insertJob, openRuns, releaseJob, claimJob } from './job-rows.js';
import { JOBS_CHANNEL } from './jobs.js';

export interface JobWorkerOptions {
  /** The polling interval without announcements, in milliseconds. */
  pollMs?: number;
  /** The most runs at once in this process. */
  most?: number;
  /** It ends after this time without open runs, in milliseconds (default: only with its signal). */
  idleMs?: number;
  onError?: (error: unknown) => void;
  onEnd?: (job: Job, outcome: JobOutcome) => void;
}

const MAX_OPEN_JOBS_READ = 100;
const MAX_CONCURRENT_JOBS = 8;
/** A run fails after its process has died this many times without progress. */
const MAX_ATTEMPTS = 10;
const EXCLUSIVE_RETRY_MS = 200;

interface Active {
  handler: JobHandler;
  ending: AbortController;
  ended: Promise<void>;
}

/** Claims and does runs of the kinds it knows. Any number of workers may work at once, in any processes. */
export class JobWorker {
  private readonly handlers: ReadonlyMap<string, JobHandler>;
  private readonly active = new Map<string, Active>();

  /** @param pool lends a connection for each run under way, and one to listen */
  constructor(
    private readonly pool: pg.Pool,
    handlers: readonly JobHandler[],
    private readonly options: JobWorkerOptions = {},
  ) {
    this.handlers = new Map(handlers.map((handler) => [handler.kind, handler]));
  }

  /** Works until the signal is given; runs under way are then released. */
  async run(signal: AbortSignal): Promise<void> {
    const wakeup = new WakeupSignal();
    const idle = new AbortController();
    const stopping = AbortSignal.any([signal, idle.signal]);
    const reportError = (error: unknown) => void (stopping.aborted || this.options.onError?.(error));
    const listening = listen(this.pool, JOBS_CHANNEL, () => wakeup.notify(), {
      signal: stopping,
      onError: reportError,
    });
    let busy = performance.now();
    for (let failures = 0; !stopping.aborted;) {
      wakeup.clear();
      try {
        if (await this.look(() => wakeup.notify())) busy = performance.now();
        failures = 0;
      } catch (error) {
        reportError(error);
        await pause(backoffMs(++failures), stopping);
      }
      if (this.options.idleMs !== undefined && performance.now() - busy > this.options.idleMs) idle.abort();
      await wakeup.wait(this.options.pollMs ?? 1000, stopping);
    }
    for (const { ending } of this.active.values()) ending.abort(new JobInterrupted('the process stops'));
    await Promise.all([...this.active.values()].map(({ ended }) => ended));
    await listening;
  }

  /**
   * Creates one run and does it here. Another process claims it only if this one dies.
   * @param signal cancels it
   * @returns the run as it ended
   */
  async runNow(
    kind: string,
    spec: unknown,
    {
      signal,
      onReach,
      onWaiting,
    }: {
      signal: AbortSignal;
      onReach?: (progress: { done: number; total: number | null }) => void;
      onWaiting?: () => void;
    },
  ): Promise<Job> {
    const handler = this.handlers.get(kind)!;
    const id = randomUUID();
    const lock = (await JobLock.ofRun(this.pool, id))!;
    const ending = new AbortController();
    const cancel = () => ending.abort(new JobCancelled('the run was cancelled'));
    signal.addEventListener('abort', cancel);
    if (signal.aborted) cancel();
    try {
      await insertJob(lock.client, id, kind, spec);
      for (
        let announced = false;
        handler.exclusive && !ending.signal.aborted && !(await lock.takeKind(kind));
        announced = true
      ) {
        if (!announced) onWaiting?.();
        await pause(EXCLUSIVE_RETRY_MS, ending.signal);
        if ((await cancelRequests(lock.client, [id])).length > 0) cancel();
      }
      await this.execute(lock, id, handler, ending, onReach);
    } finally {
      signal.removeEventListener('abort', cancel);
      lock.release();
    }
    return (await findJob(this.pool, id))!;
  }

  /** Claims the runs that it can; reads requests to cancel. @returns whether any run is open */
  private async look(again: () => void): Promise<boolean> {
    for (const id of this.active.size > 0 ? await cancelRequests(this.pool, [...this.active.keys()]) : [])
      this.active.get(id)?.ending.abort(new JobCancelled('the run was cancelled'));
    const open = (await openRuns(this.pool, MAX_OPEN_JOBS_READ)).filter(({ kind }) =>
      this.handlers.has(kind),
    );
    for (const { id, kind, alive } of open) {
      const handler = this.handlers.get(kind)!;
      // Only its lock shows for certain whether a run is held, and trying it costs a connection.
      if (alive || this.active.has(id) || this.active.size >= (this.options.most ?? MAX_CONCURRENT_JOBS))
        continue;
      if (
        handler.exclusive &&
        (open.some((one) => one.kind === kind && one.alive) ||
          [...this.active.values()].some((one) => one.handler === handler))
      )
        continue;
      const lock = await JobLock.take(this.pool, id, handler);
      if (!lock) continue;
      const ending = new AbortController();
      const ended = this.execute(lock, id, handler, ending)
        .catch((error: unknown) => this.options.onError?.(error))
        .finally(() => {
          lock.release();
          this.active.delete(id);
          again();
        });
      this.active.set(id, { handler, ending, ended });
    }
    return open.length > 0;
  }

  /** Does a run whose lock is held. @throws JobInterrupted if the lock is lost: then the run is open, and is claimed again */
  private async execute(
    lock: JobLock,
    id: string,
    handler: JobHandler,
    ending: AbortController,
    onReach?: (progress: { done: number; total: number | null }) => void,
  ): Promise<void> {
    const job = await claimJob(lock.client, id);
    if (!job) return;
    const lose = () => ending.abort(new JobInterrupted('the connection that holds the run is lost'));
    lock.lost.addEventListener('abort', lose);
    const onCancel = () => ending.abort(new JobCancelled('the run was cancelled'));
    if (job.cancelRequested) onCancel();
    const progress = new ProgressKeeper(lock.client, job, {
      onCancel,
      onError: (error) => this.options.onError?.(error),
      ...(onReach && { onReach }),
    });
    let outcome: JobOutcome;
    try {
      ending.signal.throwIfAborted();
      if (job.attempts > MAX_ATTEMPTS)
        throw new Error(`it was started ${MAX_ATTEMPTS} times, and each time its process died`);
      const result = await handler.run(job, progress, ending.signal);
      await progress.close();
      await endJob(lock.client, id, 'done', { result });
      outcome = 'done';
    } catch (error) {
      outcome = await this.settle(
        lock,
        job,
        handler,
        progress,
        ending.signal.aborted ? ending.signal.reason : error,
      );
    } finally {
      lock.lost.removeEventListener('abort', lose);
    }
    this.options.onEnd?.(job, outcome);
  }

  private async settle(
    lock: JobLock,
    job: Job,
    handler: JobHandler,
    progress: ProgressKeeper,
    reason: unknown,
  ): Promise<JobOutcome> {
    await progress.close();
    if (reason instanceof JobInterrupted) {
      await releaseJob(lock.client, job.id);
      return 'waiting';
    }
    const outcome = reason instanceof JobCancelled ? 'cancelled' : 'failed';
    if (outcome === 'failed') this.options.onError?.(reason);
    await handler.discard(job).catch((error: unknown) => this.options.onError?.(error));
    await endJob(
      lock.client,
      job.id,
      outcome,
      outcome === 'failed' ? { error: reason instanceof Error ? reason.message : String(reason) } : {},
    );
    return outcome;
  }
}
