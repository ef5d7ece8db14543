import { readFileSync } from 'node:fs';
import { childrenOf } from '../support/processes.js';
import { withClient } from './copy.js';

/** Of /proc/PID/stat. */
const TICKS_PER_SECOND = 100;

/** Seconds of processor time that a process has had so far (Linux); 0 once it is gone. */
export const cpuOf = (pid: number): number => secondsOf(pid, [11, 12]);

/** The same of a process and its children: of those that have ended, too, once it has waited for them. */
export const cpuWithChildren = (pid: number): number =>
  childrenOf(pid).reduce((sum, child) => sum + cpuOf(child), secondsOf(pid, [11, 12, 13, 14]));

function secondsOf(pid: number, fields: readonly number[]): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return fields.reduce((sum, field) => sum + Number(stat[field]), 0) / TICKS_PER_SECOND;
  } catch {
    return 0;
  }
}

/** The transactions that a database has committed. */
export const committed = (url: string): Promise<number> =>
  withClient(url, async (client) => {
    const { rows } = await client.query<{ commits: string }>(
      `select xact_commit as commits from pg_stat_database where datname = current_database()`,
    );
    return Number(rows[0]!.commits);
  });
