import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { Bell, listen } from '#libs/feed';
import type { Logger } from '#libs/platform';
import { REPLAYS_CHANNEL, type Replays } from '#libs/replay';
import { backOff, pause } from '#libs/wire';
import type pg from 'pg';
import { shipped } from './product.js';
import type { ThreadData } from './replay-thread.js';

const POLL_MS = 1000;

export interface ReplayWorker {
  /** Puts down what is under way, for whoever takes it up next. */
  stop(): Promise<void>;
}

/** Does runs of replays in a thread of its own, which lives only while there are any. */
export function startReplays(replays: Replays, pool: pg.Pool, data: ThreadData, log: Logger): ReplayWorker {
  const stopping = new AbortController();
  const { signal } = stopping;
  const bell = new Bell();
  const tell = (error: unknown) => void (signal.aborted || log.warn({ err: error }, 'runs of replays wait'));
  const listening = listen(pool, REPLAYS_CHANNEL, () => bell.ring(), { signal, onError: tell });
  const working = (async () => {
    for (let failures = 0; !signal.aborted; ) {
      bell.clear();
      try {
        if ((await replays.open()).length > 0) await runThread(data, signal);
        failures = 0;
      } catch (error) {
        tell(error);
        await pause(backOff(++failures), signal);
      }
      await bell.wait(POLL_MS, signal);
    }
  })();
  return {
    async stop() {
      stopping.abort();
      await Promise.all([working, listening]);
    },
  };
}

/** What a rebuild holds in memory stays far below; what it makes and throws away, line by line, is many times that. */
const HEAP = { maxOldGenerationSizeMb: 768, maxYoungGenerationSizeMb: 96 };

/** Resolves when the thread has ended by itself. @throws where it broke down */
async function runThread(workerData: ThreadData, signal: AbortSignal): Promise<void> {
  // What the process was started with, such as modules to load first, is meant for the process.
  const thread = new Worker(shipped('dist', 'apps', 'cli', 'src', 'replay-thread.js'), { workerData, resourceLimits: HEAP, execArgv: [] });
  const stop = () => thread.postMessage('stop');
  signal.addEventListener('abort', stop);
  if (signal.aborted) stop();
  try {
    const [code] = (await once(thread, 'exit')) as [number];
    if (code !== 0) throw new Error(`the thread of replays ended with code ${code}`);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

