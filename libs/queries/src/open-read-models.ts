import type { Logger } from '#libs/platform';
import type { Generation } from '#libs/projection';
import type pg from 'pg';
import { ProjectionWaiter } from './freshness/projection-waiter.js';
import { Completeness } from './freshness/completeness.js';
import type { LagSource } from './freshness/lag.js';
import type { SettledLog } from './freshness/proof.js';
import { ReadModels } from './read-models.js';

/** The read models, and what waits until they have caught up. The waiter must be closed. */
export interface OpenReadModels {
  models: ReadModels;
  waiter: ProjectionWaiter;
  completeness: Completeness;
}

/** @param pool of readers */
export function openReadModels(
  pool: pg.Pool,
  generation: Generation,
  store: SettledLog & LagSource & { lineage: { onEpoch(listener: () => void): void } },
  log: Logger,
): OpenReadModels {
  const models = new ReadModels(pool, generation);
  const waiter = new ProjectionWaiter(pool, generation, {
    log: store,
    onError: (error) => log.warn({ err: error }, 'progress of the read models could not be read'),
  });
  store.lineage.onEpoch(() => waiter.forget());
  return { models, waiter, completeness: new Completeness(store, models, waiter) };
}
