import { randomUUID } from 'node:crypto';
import { PageCursors, type CursorInvalid, type Page, type PageRequest } from '#libs/queries';
import type pg from 'pg';
import { isOpen, type Job } from './job.js';
import { findJob, insertJob, listJobs, openJobs, requestCancel } from './job-rows.js';

/** The channel that announces new runs and requests to cancel, without a payload. */
export const JOBS_CHANNEL = 'claimline_replays';

const MAX_OPEN_JOBS = 100;

/** The runs as their requesters see them; a `JobWorker` does the work, in this process or another. */
export class Jobs {
  private readonly cursors = new PageCursors({ list: 'replays' }, ['time', 'uuid']);

  constructor(private readonly pool: pg.Pool) {}

  /** Creates a run. Undefined if too many are open: a hundred, over all kinds. */
  async create(kind: string, spec: unknown): Promise<Job | undefined> {
    if ((await this.open()).length >= MAX_OPEN_JOBS) return undefined;
    const made = await insertJob(this.pool, randomUUID(), kind, spec);
    await this.announce();
    return made;
  }

  find(id: string): Promise<Job | undefined> {
    return findJob(this.pool, id);
  }

  /** Newest first. */
  async list({ limit, cursor }: PageRequest): Promise<Page<Job> | CursorInvalid> {
    const before = cursor === undefined ? undefined : this.cursors.read(cursor);
    if (before === 'cursor-invalid') return before;
    const rows = await listJobs(this.pool, limit + 1, before as [string, string] | undefined);
    return this.cursors.page(
      rows,
      limit,
      ({ createdAt, id }) => [createdAt, id],
      (job) => job,
    );
  }

  /** The runs that have not ended, oldest first; at most a hundred. */
  open(): Promise<Job[]> {
    return openJobs(this.pool, MAX_OPEN_JOBS);
  }

  /** Cancels a run: one under way ends within about a second. `ended` means that it had ended before. */
  async cancel(id: string): Promise<{ job: Job; ended: boolean } | undefined> {
    const job = await requestCancel(this.pool, id);
    if (job) {
      await this.announce();
      return { job, ended: false };
    }
    const found = await this.find(id);
    return found && { job: found, ended: !isOpen(found) };
  }

  private async announce(): Promise<void> {
    // If it is lost, a worker sees it at its next poll.
    await this.pool.query(`notify ${JOBS_CHANNEL}`).catch(() => {});
  }
}
