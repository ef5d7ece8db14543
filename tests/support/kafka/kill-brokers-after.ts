import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

// No TypeScript, because the janitor of the tests needs it where there is no build.
const END_BROKERS = resolve('tests/support/kafka/end-brokers.mjs');

/**
 * Waits for a broker to go that a killed process has left in the folder: its leash ends it within a moment.
 * @throws Error where one stays
 */
export async function untilNoneRuns(folder: string, timeoutMs = 2000): Promise<void> {
  const { runningBrokers } = (await import(pathToFileURL(END_BROKERS).href)) as {
    runningBrokers: (folder: string) => { pid: number }[];
  };
  for (const deadline = Date.now() + timeoutMs; ; await sleep(50)) {
    const [running] = runningBrokers(folder);
    if (running === undefined) return;
    if (Date.now() > deadline) throw new Error(`a broker runs on ${folder} already (process ${running.pid})`);
  }
}

/**
 * Sees to it that the brokers of a folder die with this process, however it dies.
 * @returns lets go: what runs then runs on
 */
export function killBrokersAfter(folder: string): () => Promise<void> {
  const child = spawn(process.execPath, [END_BROKERS, folder], {
    stdio: ['pipe', 'inherit', 'inherit'],
    detached: true,
  });
  child.unref();
  child.stdin.on('error', () => {});
  const gone = once(child, 'exit');
  return async () => {
    child.ref();
    child.kill('SIGKILL');
    await gone;
  };
}
