import { catchUp } from '#libs/read-models';
import { type Foundation, PROJECTING } from './foundation.js';
import { sessionName } from './open-log.js';
import { progressBar, type ProgressBar } from './progress-bar.js';
import { interrupted } from './stopping.js';

/** One hears of events, one looks, the others project. */
const CONNECTIONS = 4;
const STATEMENT_TIMEOUT_MS = 30_000;

/** Waits until the read models show all that is recorded by now; where nobody projects it, this does. */
export async function catchUpModels({ store, models, progress, pool }: Foundation): Promise<void> {
  let bar: ProgressBar | undefined;
  const onProgress = (done: number, total: number) => (bar ??= progressBar('project', 'events')).update(done, total);
  try {
    await catchUp({ log: store, models, progress, pool: pool('export', CONNECTIONS, STATEMENT_TIMEOUT_MS) }, { projectors: sessionName(PROJECTING), signal: interrupted(), onProgress });
  } finally {
    bar?.end();
  }
}
