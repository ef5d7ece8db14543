import type { Token } from '#libs/domain';
import { StoreFeed } from '#libs/feed';
import type pg from 'pg';
import { reaches, type LogReader, Projector } from '#libs/projection';
import type { ProjectionWaiter } from './projection-waiter.js';
import type { ReadModels } from '../read-models.js';

interface CatchUpSources {
  log: LogReader;
  models: Pick<ReadModels, 'checkpoints' | 'generation'>;
  progress: Pick<ProjectionWaiter, 'waitBeyond'>;
  /** The pool for projecting here. */
  pool: pg.Pool;
}

export interface CatchUpOptions {
  /** How the names of projectors' sessions begin: if there are any, it waits for them. */
  projectors: string;
  signal?: AbortSignal;
  /** Events that were missing at the beginning. */
  onProgress?: (done: number, total: number) => void;
  /** It gives up after this time without progress, in milliseconds. */
  stallTimeoutMs?: number;
  /** The interval between checks for projectors, in milliseconds. */
  pollMs?: number;
}

/** Events are missing, and nothing projects them any more. */
export class Standstill extends Error {
  override name = 'Standstill';
}

/**
 * Resolves when the read models have every event that the log holds at the call. It waits for projectors of other
 * processes; if there are none, it projects itself. Several processes may do so at once.
 * @throws Standstill if there is no progress; the signal's reason
 */
export async function catchUp(
  { log, models, progress, pool }: CatchUpSources,
  { projectors, signal, onProgress, stallTimeoutMs = 20_000, pollMs = 250 }: CatchUpOptions,
): Promise<void> {
  const heads = new Map((await log.heads()).map(({ shard, position }) => [shard, position]));
  let reached = await models.checkpoints();
  if (reaches(reached, heads)) return;
  const feed = new StoreFeed(pool);
  const stopping = new AbortController();
  let running: Promise<void> | undefined;
  const first = missing(heads, reached);
  let [left, moved] = [first, performance.now()];
  try {
    for (;;) {
      signal?.throwIfAborted();
      onProgress?.(first - left, first);
      if (!running && !(await isProjected(pool, projectors)))
        running = feed.run(new Projector(pool, log, models.generation), stopping.signal);
      await progress.waitBeyond(reached, pollMs, signal);
      reached = await models.checkpoints();
      if (reaches(reached, heads)) return;
      const now = missing(heads, reached);
      if (now < left) moved = performance.now();
      else if (performance.now() - moved >= stallTimeoutMs)
        throw new Standstill(whyStill(now, stallTimeoutMs, running ? feed : undefined));
      left = now;
    }
  } finally {
    stopping.abort();
    await running;
  }
}

const missing = (heads: Token, reached: Token): number =>
  [...heads].reduce((sum, [shard, head]) => sum + Math.max(0, head - (reached.get(shard) ?? 0)), 0);

async function isProjected(pool: pg.Pool, projectors: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'select from pg_stat_activity where datname = current_database() and starts_with(application_name, $1) limit 1',
    [projectors],
  );
  return rowCount! > 0;
}

function whyStill(left: number, stallTimeoutMs: number, own?: StoreFeed): string {
  const why = own
    ? own
        .stopped()
        .map(
          ({ shard, position, eventId, reason }) =>
            `\n  shard ${shard} stands still${eventId ? ` at event ${eventId} (${shard}:${position})` : ''}: ${reason}`,
        )
        .join('')
    : '\n  another process projects them: see its /readyz, and `claimline status`';
  return `the read models lack ${left} events of the log, and none was projected for ${stallTimeoutMs / 1000} s${why}`;
}
