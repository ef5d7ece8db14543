import { randomUUID } from 'node:crypto';
import type { Db } from '#libs/platform';
import { PageCursors, type CursorInvalid, type Page, type PageRequest } from '#libs/queries';
import type pg from 'pg';
import { isOpen, type Job } from './job.js';
import { findJob, insertJob, listJobs, openJobs, requestCancel } from './job-rows.js';

/** The channel that announces new runs and requests to cancel, without a payload. */
export const JOBS_CHANNEL = 'claimline_replays';

const MAX_OPEN_JOBS = 100;

/** A run after a request to cancel it. `ended`: it had ended before. */
export interface CancelledJob {
  job: Job;
  ended: boolean;
}

/** The runs as their requesters see them; a `JobWorker` does the work, in this process or another. */
export class Jobs {
  private readonly cursors = new PageCursors({ list: 'replays' }, ['time', 'uuid']);

  constructor(private readonly pool: pg.Pool) {}

  /** Creates a run. Undefined if too many are open: a hundred, over all kinds. */
  async create(kind: string, spec: unknown): Promise<Job | undefined> {
    const made = await this.insert(this.pool, randomUUID(), kind, spec);
    if (made) await this.announce();
    return made;
  }

  /** As `create`, under a given id, perhaps in a transaction: it is to be announced after that. */
  async insert(db: Db, id: string, kind: string, spec: unknown): Promise<Job | undefined> {
    return (await this.open()).length >= MAX_OPEN_JOBS ? undefined : insertJob(db, id, kind, spec);
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
  async cancel(id: string): Promise<CancelledJob | undefined> {
    const cancelled = await this.requestCancel(this.pool, id);
    if (cancelled && !cancelled.ended) await this.announce();
    return cancelled;
  }

  /** As `cancel`, perhaps in a transaction: it is to be announced after that. */
  async requestCancel(db: Db, id: string): Promise<CancelledJob | undefined> {
    const job = await requestCancel(db, id);
    if (job) return { job, ended: false };
    const found = await this.find(id);
    return found && { job: found, ended: !isOpen(found) };
  }

  /** Wakes the workers up. */
  async announce(): Promise<void> {
    // If it is lost, a worker sees it at its next poll.
    await this.pool.query(`notify ${JOBS_CHANNEL}`).catch(() => {});
  }
}
