import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Database, Ground } from '../ground.js';
import { profiling } from '../served.js';

export interface Ended {
  seconds: number;
  /** The most resident memory that it had (Linux), in MB. */
  mostMb: number;
  out: string;
}

const LOOK_MS = 100;

/**
 * Runs a verb of the command line on a database, as a person does: a process of its own, from its start to its end.
 * @throws Error with what it said where it failed
 */
export async function claimline(ground: Ground, { url }: Database, args: readonly string[]): Promise<Ended> {
  const begin = performance.now();
  const { PATH, HOME, TMPDIR } = process.env;
  const child = spawn(
    process.execPath,
    [
      '--import',
      resolve('tests/support/leash.mjs'),
      ...profiling,
      resolve('dist/apps/cli/src/main.js'),
      ...args,
    ],
    {
      env: { PATH, HOME, TMPDIR, DATABASE_URL: url, LOG_LEVEL: 'warn' },
      cwd: ground.folder,
      stdio: ['pipe', 'pipe', 'pipe'],
    },
  );
  child.stdin.on('error', () => {});
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk) => (said.out += String(chunk)));
  child.stderr.on('data', (chunk) => (said.err += String(chunk)));
  let mostMb = 0;
  const timer = setInterval(() => (mostMb = Math.max(mostMb, peakMb(child.pid!))), LOOK_MS);
  const [code] = (await once(child, 'close')) as [number | null];
  clearInterval(timer);
  if (code !== 0)
    throw new Error(`claimline ${args.join(' ')} ended with ${code}:\n${said.err.slice(-2000)}`);
  return { seconds: (performance.now() - begin) / 1000, mostMb, out: said.out };
}

/** The most resident memory that a process has had so far; 0 once it is gone. */
function peakMb(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}
