import { fork } from 'node:child_process';
import { once } from 'node:events';
import { WakeupSignal, listen } from '#libs/feed';
import type { Logger } from '#libs/platform';
import { JOBS_CHANNEL, type Jobs } from '#libs/replay';
import { backoffMs, pause } from '#libs/wire';
import type pg from 'pg';
import { packagePath } from './package-root.js';
import type { JobProcessData } from './replay-process.js';

const POLL_MS = 1000;

export interface JobProcess {
  /** Interrupts the runs under way, so that another process can resume them. */
  stop(): Promise<void>;
}

/** Executes runs of replays in a process of its own, which lives only while there are any. */
export function startJobs(jobs: Jobs, pool: pg.Pool, data: JobProcessData, log: Logger): JobProcess {
  const stopping = new AbortController();
  const { signal } = stopping;
  const wakeup = new WakeupSignal();
  const report = (error: unknown) =>
    void (signal.aborted || log.warn({ err: error }, 'runs of replays are waiting'));
  const listening = listen(pool, JOBS_CHANNEL, () => wakeup.notify(), { signal, onError: report });
  const working = (async () => {
    for (let failures = 0; !signal.aborted;) {
      wakeup.clear();
      try {
        if ((await jobs.open()).length > 0) await runProcess(data, signal);
        failures = 0;
      } catch (error) {
        report(error);
        await pause(backoffMs(++failures), signal);
      }
      await wakeup.wait(POLL_MS, signal);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await Promise.all([working, listening]);
    },
  };
}

/** In MB. A rebuild holds far less than this, but allocates many times as much, line by line. */
const HEAP_FLAGS = ['--max-old-space-size=768', '--max-semi-space-size=32'];

/** Resolves when the process has ended by itself. @throws where it failed */
async function runProcess(data: JobProcessData, signal: AbortSignal): Promise<void> {
  // Node options of the service, such as modules to load first, are meant for the service only.
  const child = fork(packagePath('dist', 'apps', 'cli', 'src', 'replay-process.js'), {
    execArgv: HEAP_FLAGS,
  });
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
