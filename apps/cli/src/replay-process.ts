// The process in which a service does runs of replays: what they compute holds nobody up who is served meanwhile, and
// what they break, they break here.
import { readdirSync } from 'node:fs';
import { setPriority } from 'node:os';
import { createLogger, type Logger, type Settings } from '#libs/platform';
import { Runner } from '#libs/replay';
import { openLog } from './open-log.js';
import { replayKinds } from './replay-kinds.js';

/** The first message to it; each one after that asks it to stop. */
export interface ReplayData {
  databaseUrl: string;
  settings: Settings;
}

/** It ends when nothing was to be done for so long. */
const IDLE_MS = 10_000;
/** One for each run at once, and one to listen, one to look. */
const CONNECTIONS = 10;
/** As a job in the background. */
const NICE = 10;

giveWay();
const stopping = new AbortController();
const stop = () => stopping.abort();
// Ctrl-C in a terminal goes to the service and to this process.
process.on('SIGINT', stop).on('SIGTERM', stop);
// The service is gone: whoever starts it again takes up what was under way.
process.once('disconnect', () => process.exit(1));
process.once('message', (data: ReplayData) => {
  process.on('message', stop);
  const log = createLogger(data.settings.logLevel);
  work(data, log).then(
    () => process.exit(0),
    (error: unknown) => {
      log.error({ err: error }, 'runs of replays cannot be done');
      process.exit(1);
    },
  );
});

async function work({ databaseUrl, settings }: ReplayData, log: Logger): Promise<void> {
  const opened = await openLog(
    { url: databaseUrl, embedded: false, onLost: () => {}, close: async () => {} },
    settings,
    log,
  );
  const runner = new Runner(opened.pool('replays', CONNECTIONS, 0), replayKinds(opened, settings, log), {
    idleMs: IDLE_MS,
    onError: (error) => log.warn({ err: error }, 'a run of a replay is in trouble'),
    onEnd: ({ id, kind }, state) => log.info({ replay: id, kind, state }, 'a run of a replay has ended here'),
  });
  await runner.run(stopping.signal);
  await opened.close();
}

/** Leaves the processor to processes that answer somebody. Linux counts threads, those that collect garbage too. */
function giveWay(): void {
  try {
    for (const thread of process.platform === 'linux' ? readdirSync('/proc/self/task') : [process.pid])
      setPriority(Number(thread), NICE);
  } catch {
    // Then it is a process like the others.
  }
}
