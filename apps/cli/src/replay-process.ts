// The process in which a service does runs of replays: their computing does not delay requests, and their failures stay
// in this process.
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { createLogger, type Logger, type Settings } from '#libs/platform';
import { JobWorker } from '#libs/replay';
import { openLog } from './open-log.js';
import { jobHandlers } from './job-handlers.js';

/** The first message to it; each one after that asks it to stop. */
export interface JobProcessData {
  databaseUrl: string;
  settings: Settings;
}

/** The process ends after this time without work. */
const IDLE_MS = 10_000;
/** A connection for each run at once, one to listen, one to read. */
const MAX_CONNECTIONS = 10;
/** As a job in the background. */
const NICE_LEVEL = 10;

lowerPriority();
const stopping = new AbortController();
const stop = () => stopping.abort();
// Ctrl-C in a terminal goes to the service and to this process.
process.on('SIGINT', stop).on('SIGTERM', stop);
// The service is gone: its next start resumes the runs that were under way.
process.once('disconnect', () => process.exit(1));
process.once('message', (data: JobProcessData) => {
  process.on('message', stop);
  const log = createLogger(data.settings.logLevel);
  work(data, log).then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, 'runs of replays cannot be executed');
      process.exit(1);
    },
  );
});

async function work({ databaseUrl, settings }: JobProcessData, log: Logger): Promise<void> {
  const opened = await openLog(
    { url: databaseUrl, embedded: false, onLost: () => {}, close: async () => {} },
    settings,
    log,
  );
  const worker = new JobWorker(
    opened.pool('replays', MAX_CONNECTIONS, 0),
    jobHandlers(opened, settings, log),
    {
      idleMs: IDLE_MS,
      onError: (error) => log.warn({ err: error }, 'a run of a replay has met an error'),
      onEnd: ({ id, kind }, state) =>
        log.info({ replay: id, kind, state }, 'a run of a replay has ended here'),
    },
  );
  await worker.run(stopping.signal);
  await opened.close();
}

/** Leaves the processor to processes that answer requests. Linux sets priorities by thread, those of garbage collection too. */
function lowerPriority(): void {
  try {
    for (const thread of process.platform === 'linux' ? readdirSync('/proc/self/task') : [process.pid])
      setPriority(Number(thread), NICE_LEVEL);
  } catch {
    // Without the right to it, the process keeps its priority.
  }
}
