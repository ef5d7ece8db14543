// The thread in which a service does runs of replays: what they compute holds nobody up who is served meanwhile.
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import { createLogger, type Settings } from '#libs/platform';
import { Runner } from '#libs/replay';
import { openLog } from './open-log.js';
import { replayKinds } from './replay-kinds.js';

export interface ThreadData {
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
const { databaseUrl, settings } = workerData as ThreadData;
const log = createLogger(settings.logLevel);
const stopping = new AbortController();
void once(parentPort!, 'message').then(() => stopping.abort());

const opened = await openLog({ url: databaseUrl, embedded: false, onLost: () => {}, close: async () => {} }, settings, log);
const runner = new Runner(opened.pool('replays', CONNECTIONS, 0), replayKinds(opened, settings, log), {
  idleMs: IDLE_MS,
  onError: (error) => log.warn({ err: error }, 'a run of a replay is in trouble'),
  onEnd: ({ id, kind }, state) => log.info({ replay: id, kind, state }, 'a run of a replay has ended here'),
});
await runner.run(stopping.signal);
await opened.close();
parentPort!.close();

/** Leaves the processor to threads that answer somebody, where the system can tell threads apart: on Linux. */
function giveWay(): void {
  try {
    const [thread] = /\d+$/.exec(readlinkSync('/proc/thread-self')) ?? [];
    if (thread) setPriority(Number(thread), NICE);
  } catch {
    // Then it is a thread like the others.
  }
}
