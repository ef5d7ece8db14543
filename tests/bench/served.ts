import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startService, startServing, type Serving } from '../support/service.js';
import type { Database, Ground } from './ground.js';

export interface Load {
  perSecond: number;
  p50: number;
  p99: number;
}

const PROGRAM_TIMEOUT_MS = 600_000;
/** On a machine that others use too; on a quiet one it takes three seconds. */
const READY_WITHIN_MS = 300_000;

/** Runs a program of this folder, in a process of its own, and reads the JSON that it prints. */
export async function runProgram<T>(program: string, ...args: string[]): Promise<T> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [resolve('dist/tests/bench', `${program}.js`), ...args],
    { timeout: PROGRAM_TIMEOUT_MS },
  );
  return JSON.parse(stdout) as T;
}

/** Sends requests (load.ts) over this number of connections. @param key to send with each */
export function load(
  ground: Ground,
  serving: Serving,
  connections: number,
  requests: readonly string[],
  key?: string,
): Promise<Load> {
  const file = join(ground.folder, `requests-${serving.pid}`);
  writeFileSync(file, requests.join('\n'));
  return runProgram<Load>(
    'load',
    serving.url,
    String(connections),
    file,
    ...(key === undefined ? [] : [key]),
  );
}

const { BENCH_PROFILE } = process.env;
/** BENCH_PROFILE names a folder: the service then leaves a CPU profile there when it ends. */
export const profiling = BENCH_PROFILE ? ['--cpu-prof', `--cpu-prof-dir=${BENCH_PROFILE}`] : [];

/**
 * The service, or some parts of it, on a database of the bench.
 * @param env further settings, such as a broker @param nodeArgs further arguments of Node
 */
export const service = (
  ground: Ground,
  { name, url }: Database,
  parts: string[] = [],
  env: NodeJS.ProcessEnv = {},
  nodeArgs: string[] = [],
): Promise<Serving> =>
  startService(
    {
      env: { DATABASE_URL: url, PORT: '0', LOG_LEVEL: 'info', ...env },
      logFile: join(ground.folder, `service-${name}-${(serial += 1)}.log`),
      nodeArgs: [...profiling, ...nodeArgs],
      timeoutMs: READY_WITHIN_MS,
    },
    parts,
  );

let serial = 0;

/** The bare server (bare.ts) on a database of the bench. */
export const bare = (ground: Ground, { name, url }: Database): Promise<Serving> =>
  startServing('dist/tests/bench/bare.js', [url], { logFile: join(ground.folder, `bare-${name}.log`) });

/** Ends a server and waits until it has. */
export async function end(serving: Serving): Promise<void> {
  serving.signal('SIGTERM');
  await serving.ended;
}
