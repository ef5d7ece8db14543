import type { BitemporalPoint } from '#libs/domain';
import { sessionName } from '#libs/platform';
import { PROJECTOR_POOL_NAME } from '#libs/projection';
import { catchUp, type OpenReadModels, Standstill } from '#libs/queries';
import { shutdownSignal } from '#libs/service';
import { progressBar, type ProgressBar } from './progress-bar.js';
import type { OpenedLog } from './with-log.js';

/** One connection listens for events, one reads progress, the others project. */
const MAX_CONNECTIONS = 4;
const STATEMENT_TIMEOUT_MS = 30_000;

/**
 * Waits until the read models show all that is recorded by now, or that was recorded at a time. Projects it itself where
 * no projector runs.
 * @throws where there is no progress; the signal's reason
 */
export async function catchUpModels(
  { store, pools }: OpenedLog,
  { models, waiter, completeness }: OpenReadModels,
  knownAt: BitemporalPoint['knownAt'],
): Promise<void> {
  if (knownAt && (await completeness.waitFor(knownAt, 0))) return;
  let bar: ProgressBar | undefined;
  const onProgress = (done: number, total: number) =>
    (bar ??= progressBar('project', 'events')).update(done, total);
  try {
    await catchUp(
      {
        log: store,
        models,
        progress: waiter,
        pool: pools.open('export', MAX_CONNECTIONS, STATEMENT_TIMEOUT_MS),
      },
      { projectors: sessionName(PROJECTOR_POOL_NAME), signal: shutdownSignal(), onProgress },
    );
  } catch (error) {
    throw knownAt && error instanceof Standstill
      ? new Error(`the read models do not have all that was recorded by ${knownAt}: ${error.message}`)
      : error;
  } finally {
    bar?.end();
  }
  if (knownAt) await completeness.require(knownAt);
}
