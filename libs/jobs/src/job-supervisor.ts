import { fork } from 'node:child_process';
import { once } from 'node:events';
import { WakeupSignal, backoffMs, pause } from '#libs/concurrency';
import { listen, type Logger, packagePath, type Settings } from '#libs/platform';
import type pg from 'pg';
import { JOBS_CHANNEL, type Jobs } from './jobs.js';

const POLL_MS = 1000;

/** The first message to the process of jobs; each one after that asks it to stop. */
export interface JobProcessData {
  databaseUrl: string;
  settings: Settings;
}

/**
 * Executes runs of replays in a process of its own, which lives only while there are any.
 * @param signal interrupts the runs under way, so that another process can resume them
 */
export async function superviseJobs(
  jobs: Jobs,
  pool: pg.Pool,
  data: JobProcessData,
  log: Logger,
  signal: AbortSignal,
): Promise<void> {
  const wakeup = new WakeupSignal();
  const tell = (error: unknown) =>
    void (signal.aborted || log.warn({ err: error }, 'runs of replays are waiting'));
  const listening = listen(pool, JOBS_CHANNEL, () => wakeup.notify(), { signal, onError: tell });
  for (let failures = 0; !signal.aborted;) {
    wakeup.clear();
    try {
      if ((await jobs.open()).length > 0) await runProcess(data, signal);
      failures = 0;
    } catch (error) {
      tell(error);
      await pause(backoffMs(++failures), signal);
    }
    await wakeup.wait(POLL_MS, signal);
  }
  await listening;
}

/** In MB. A rebuild holds far less than this, but allocates many times as much, line by line. */
const HEAP_FLAGS = ['--max-old-space-size=768', '--max-semi-space-size=32'];

/** Resolves when the process has ended by itself. @throws where it failed */
async function runProcess(data: JobProcessData, signal: AbortSignal): Promise<void> {
  // Node options of the service, such as modules to load first, are meant for the service only.
  const child = fork(packagePath('dist', 'apps', 'jobs', 'src', 'main.js'), { execArgv: HEAP_FLAGS });
  // A process that no longer listens is about to end.
  const send = (message: JobProcessData | 'stop') => child.send(message, () => {});
  const stop = () => send('stop');
  send(data);
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const [code, killedBy] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
    if (code !== 0) throw new Error(`the process of replays ended by ${killedBy ?? `code ${code}`}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
