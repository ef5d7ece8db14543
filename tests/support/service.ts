import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** A program of ours running as a child process, which has said where it serves. */
export interface Serving {
  url: string;
  pid: number;
  /** How it ended; pending while it runs. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  signal(signal: NodeJS.Signals): void;
}

/** It ended, or said nothing for long, before it was ready. `said`: the end of what it wrote. */
export class NotReady extends Error {
  override name = 'NotReady';

  constructor(
    program: string,
    readonly said: string,
  ) {
    super(`${program} did not become ready; it said:\n${said}`);
  }
}

export interface ServingOptions {
  /** Beside PATH, HOME and TMPDIR: nothing else of this process' environment gets through. */
  env?: NodeJS.ProcessEnv;
  /** Where its output goes: a file, so that reading it takes no time from anybody. */
  logFile: string;
  nodeArgs?: string[];
  timeoutMs?: number;
  /** How many files it may have open (ulimit -n). */
  openFiles?: number;
  /** Called with the process at once, before it is ready. */
  onSpawn?: (child: ChildProcess) => void;
}

/** `claimline start` as built in dist, with the settings given. */
export const startService = (options: ServingOptions, parts: string[] = []): Promise<Serving> =>
  startServing('dist/apps/cli/src/main.js', ['start', ...parts], options);

/**
 * Starts a program of the build, and waits for its line "... is ready at <url>". It dies with this process.
 * @throws NotReady
 */
export async function startServing(
  program: string,
  args: readonly string[],
  options: ServingOptions,
): Promise<Serving> {
  const { env = {}, logFile, nodeArgs = [], timeoutMs = 60_000, openFiles, onSpawn } = options;
  const { PATH, HOME, TMPDIR } = process.env;
  const log = openSync(logFile, 'a');
  const begin = readFileSync(logFile).length;
  const leash = ['--import', resolve('tests/support/leash.mjs')];
  const node = [process.execPath, ...leash, ...nodeArgs, resolve(program), ...args];
  const child = spawn(
    ...((openFiles === undefined
      ? [node[0], node.slice(1)]
      : ['sh', ['-c', `ulimit -n ${openFiles}; exec "$0" "$@"`, ...node]]) as [string, string[]]),
    {
      stdio: ['pipe', log, log],
      env: {
        ...Object.fromEntries(
          Object.entries({ PATH, HOME, TMPDIR }).filter(([, value]) => value !== undefined),
        ),
        ...env,
      },
    },
  );
  closeSync(log);
  child.stdin!.on('error', () => {});
  const ended = once(child, 'exit').then(([code, signal]) => ({ code, signal }));
  onSpawn?.(child);
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const said = readFileSync(logFile).subarray(begin).toString('utf8');
    const url = /is ready at (http:\/\/\S+)/.exec(said)?.[1];
    if (url !== undefined)
      return { url, pid: child.pid!, ended, signal: (signal) => void child.kill(signal) };
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new NotReady(program, said.slice(-3000));
    }
    await sleep(15);
  }
}
