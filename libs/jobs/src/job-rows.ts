import type { Db } from '#libs/platform';
import type { Job } from './job.js';

type JobRow = Omit<
  Job,
  'spec' | 'result' | 'done' | 'total' | 'createdAt' | 'startedAt' | 'updatedAt' | 'endedAt'
> & {
  spec: string;
  result: string | null;
  done: string | number;
  total: string | number | null;
  createdAt: Date;
  startedAt: Date | null;
  updatedAt: Date;
  endedAt: Date | null;
};

// The database's clock in milliseconds, the precision of list cursors.
const JOB_COLUMNS = `id, kind, spec, state, done, total, rate, cursor, result, error, cancel_requested as "cancelRequested", attempts,
  created_at as "createdAt", started_at as "startedAt", updated_at as "updatedAt", ended_at as "endedAt"`;
const NOW = `date_trunc('milliseconds', clock_timestamp())`;
const OPEN = `state in ('waiting', 'running')`;

const jobOf = ({
  spec,
  result,
  done,
  total,
  createdAt,
  startedAt,
  updatedAt,
  endedAt,
  ...row
}: JobRow): Job => ({
  ...row,
  spec: JSON.parse(spec),
  done: Number(done),
  total: total === null ? null : Number(total),
  result: result === null ? null : JSON.parse(result),
  createdAt: createdAt.toISOString(),
  startedAt: startedAt && startedAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
  endedAt: endedAt && endedAt.toISOString(),
});

async function some(db: Db, sql: string, values: unknown[]): Promise<Job[]> {
  const { rows } = await db.query<JobRow>(sql, values);
  return rows.map(jobOf);
}

export async function insertJob(db: Db, id: string, kind: string, spec: unknown): Promise<Job> {
  const [made] = await some(
    db,
    `insert into claimline.replays (id, kind, spec, state, created_at, updated_at)
     values ($1, $2, $3, 'waiting', ${NOW}, ${NOW}) returning ${JOB_COLUMNS}`,
    [id, kind, JSON.stringify(spec)],
  );
  return made!;
}

export async function findJob(db: Db, id: string): Promise<Job | undefined> {
  return (await some(db, `select ${JOB_COLUMNS} from claimline.replays where id = $1`, [id]))[0];
}

/** Newest first, after a given position in that order. */
export function listJobs(
  db: Db,
  limit: number,
  before?: readonly [createdAt: string, id: string],
): Promise<Job[]> {
  return some(
    db,
    `select ${JOB_COLUMNS} from claimline.replays
     where $2::timestamptz is null or (created_at, id) < ($2::timestamptz, $3::uuid)
     order by created_at desc, id desc limit $1`,
    [limit, before?.[0] ?? null, before?.[1] ?? null],
  );
}

/** The runs that have not ended, complete, oldest first. */
export const openJobs = (db: Db, limit: number): Promise<Job[]> =>
  some(db, `select ${JOB_COLUMNS} from claimline.replays where ${OPEN} order by created_at, id limit $1`, [
    limit,
  ]);

/** The runs that have not ended, oldest first; `alive` if a process has worked on one within the last seconds. */
export async function openRuns(
  db: Db,
  limit: number,
): Promise<{ id: string; kind: string; alive: boolean }[]> {
  const alive = `state = 'running' and updated_at > clock_timestamp() - interval '5 seconds'`;
  const { rows } = await db.query<{ id: string; kind: string; alive: boolean }>(
    `select id, kind, ${alive} as alive from claimline.replays where ${OPEN} order by created_at, id limit $1`,
    [limit],
  );
  return rows;
}

/** Ends a run that was never started; of any other it records the request to cancel. Does nothing if the run has ended. */
export async function requestCancel(db: Db, id: string): Promise<Job | undefined> {
  const sql = `
    update claimline.replays set cancel_requested = true, updated_at = ${NOW},
      state = case when started_at is null then 'cancelled' else state end, ended_at = case when started_at is null then ${NOW} end
    where id = $1 and ${OPEN} returning ${JOB_COLUMNS}`;
  return (await some(db, sql, [id]))[0];
}

/** The given runs for which a cancellation is requested. */
export async function cancelRequests(db: Db, ids: readonly string[]): Promise<string[]> {
  const { rows } = await db.query<{ id: string }>(
    'select id from claimline.replays where id = any($1) and cancel_requested',
    [ids],
  );
  return rows.map(({ id }) => id);
}

/** Claims a run whose lock is held; undefined if it has ended. */
export async function claimJob(db: Db, id: string): Promise<Job | undefined> {
  const sql = `
    update claimline.replays set state = 'running', started_at = coalesce(started_at, ${NOW}), updated_at = ${NOW}, attempts = attempts + 1
    where id = $1 and ${OPEN} returning ${JOB_COLUMNS}`;
  return (await some(db, sql, [id]))[0];
}

export interface ProgressUpdate {
  done: number;
  total: number | null;
  rate: number | null;
  cursor: string | null;
}

/** @returns whether its cancellation is requested */
export async function keepProgress(
  db: Db,
  id: string,
  { done, total, rate, cursor }: ProgressUpdate,
): Promise<boolean> {
  const { rows } = await db.query<{ cancelled: boolean }>(
    `update claimline.replays
     set done = $2, total = $3, rate = $4, updated_at = ${NOW}, cursor = $5,
       attempts = case when cursor is distinct from $5 then 1 else attempts end
     where id = $1 returning cancel_requested as cancelled`,
    [id, done, total, rate, cursor],
  );
  return rows[0]?.cancelled ?? false;
}

/** Releases a run for the next process that claims it. */
export async function releaseJob(db: Db, id: string): Promise<void> {
  await db.query(
    `update claimline.replays set state = 'waiting', rate = null, updated_at = ${NOW} where id = $1 and ${OPEN}`,
    [id],
  );
}

export async function endJob(
  db: Db,
  id: string,
  state: 'done' | 'failed' | 'cancelled',
  { result, error }: { result?: unknown; error?: string } = {},
): Promise<void> {
  await db.query(
    `update claimline.replays
     set state = $2, rate = null, result = $3, error = $4, updated_at = ${NOW}, ended_at = ${NOW} where id = $1`,
    [id, state, result === undefined || result === null ? null : JSON.stringify(result), error ?? null],
  );
}
