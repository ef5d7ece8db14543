import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

/** A script of this folder running in a process of its own. */
export interface Child<T> {
  process: ChildProcess;
  pid: number;
  /** The one line of JSON it prints when it has got what it holds. */
  report: T;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
}

/**
 * Starts tests/support/<script>.ts as built in dist, and waits for its report.
 * @throws Error with what it said when it ends without one
 */
export async function startChild<T>(script: string, ...args: string[]): Promise<Child<T>> {
  const child = spawn(process.execPath, [resolve('dist/tests/support', `${script}.js`), ...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const exit = once(child, 'close');
  let complaint = '';
  child.stderr.on('data', (chunk) => (complaint += String(chunk)));
  const line = await Promise.race([once(createInterface(child.stdout), 'line'), exit.then(() => undefined)]);
  if (line === undefined) throw new Error(`${script} ended early: ${complaint}`);
  return {
    process: child,
    pid: child.pid!,
    report: JSON.parse(String(line[0])) as T,
    kill: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
}
