import { readFileSync } from 'node:fs';
import { childrenOf } from '../support/processes.js';
import { withClient } from './copy.js';

/** Of /proc/PID/stat. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time of a process. */
export function cpuOf(pid: number): number {
  const [user, system] = timesOf(pid);
  return user! + system!;
}

/** Seconds of processor time of a process and its children, those that have ended included. */
export function cpuWithChildren(pid: number): number {
  const all = timesOf(pid).reduce((sum, seconds) => sum + seconds, 0);
  return childrenOf(pid).reduce((sum, child) => {
    try {
      return sum + cpuOf(child);
    } catch {
      // It has ended just now.
      return sum;
    }
  }, all);
}

/** User and system time of a process, and of its children that have ended, in seconds. */
const timesOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/stat`, 'utf8')
    .split(') ')[1]!
    .split(' ')
    .slice(11, 15)
    .map((ticks) => Number(ticks) / TICKS_PER_SECOND);

/** The transactions that a database has committed. */
export const committed = (url: string): Promise<number> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ commits: string }>(
      `select xact_commit as commits from pg_stat_database where datname = current_database()`,
    );
    return Number(rows[0]!.commits);
  });
